/** What the page does with tickets; stands behind the page's script and keeps to the same rules. */
export const ISSUE_SCRIPT = `
async function deal(key, what, words) {
  try {
    const response = await fetch('/_issue', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(Object.assign({ key }, what)),
    });
    const outcome = await response.json();
    const told = outcome.told;
    const heard = !told ? 'nobody is told' : told.error || ('webhook \\u2192 ' + told.status + ' ' + told.body);
    const good = response.ok && (!told || (told.status >= 200 && told.status < 300));
    show(key + ' ' + words + ': ' + (outcome.errors ? outcome.errors.join(' ') : heard), good);
  } catch (error) {
    show(key + ': ' + error.message, false);
  }
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-issue]');
  if (!button) return;
  const { issue, transition } = button.dataset;
  if (transition) deal(issue, { transition }, button.textContent.trim());
  else deal(issue, { delete: true }, 'deleted');
});
document.addEventListener('change', (event) => {
  const select = event.target.closest('select[data-assign]');
  if (select) deal(select.dataset.assign, { assign: select.value || null }, 'assigned');
});
`;
