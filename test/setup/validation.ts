/**
 * The CDK validates every template that it synthesizes, which is four fifths of a synthesis. test/lib/nag.test.ts has it done
 * for every stage and option; nobody else needs it again.
 */
process.env['CDK_VALIDATION'] = 'false';
