/**
 * What the page can do better with a script. Without it every form works all the same: it is sent to
 * the server, which sends the visitor back to the list.
 */
export const SCRIPT = `
'use strict';
const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
for (const time of document.querySelectorAll('time')) time.textContent = local.format(new Date(time.dateTime));

const send = async (form) => {
  const { method, url, version } = form.dataset;
  const headers = { 'content-type': 'application/json' };
  if (version) headers['if-match'] = '"' + version + '"';
  const fields = Object.fromEntries(new FormData(form));
  delete fields.version;
  const answer = await fetch(url, { method, headers, body: method === 'DELETE' ? undefined : JSON.stringify(fields) });
  if (answer.ok) return '';
  const { error, problems } = await answer.json().catch(() => ({ error: 'Something went wrong' }));
  return problems ? problems.map((one) => one.field + ' ' + one.problem).join('; ') : error;
};

for (const form of document.forms) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (form.dataset.method === 'DELETE' && !confirm('Delete this note?')) return;
    const button = form.querySelector('button');
    button.disabled = true;
    const problem = await send(form).catch(() => 'The site cannot be reached. What you wrote is still here.');
    if (!problem) return location.assign(form.dataset.method === 'POST' ? '/' : location.href);
    form.querySelector('[role=alert]').textContent = problem;
    button.disabled = false;
  });
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}
`;
