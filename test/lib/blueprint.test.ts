import { STAGES, stageTemplates } from '../support/synthesize';

describe.each(STAGES)('the templates of %s', (stage) => {
  test.each([...stageTemplates(stage)])('%s', (_, template) => {
    expect(template.toJSON()).toMatchSnapshot();
  });
});
