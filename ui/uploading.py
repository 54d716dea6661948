"""Adding files on the page: what stands there, and the script that sends them to `ui.files`, file by file.

The script writes text into what stands there, and no HTML. Two files are sent at a time, so that one is read while
another is embedded; each is answered with what became of it. A file that needs a password stays in the browser until
it is typed.
"""

from ui.files import LONGEST_COLLECTION, MAX_UPLOAD_BYTES

OTHERWISE = "uploads, or the folder’s name"

UPLOADS_HTML = f"""
<div class="adder" data-most-bytes="{MAX_UPLOAD_BYTES:d}">
  <div class="add-buttons">
    <button type="button" class="plain add-files">Add documents</button>
    <button type="button" class="plain add-folder">Add folder</button>
  </div>
  <input type="file" multiple hidden aria-label="Files to add">
  <p class="drop-hint">or drop files and folders on this page</p>
  <label class="into">Into the collection<input name="into" list="collection-names" maxlength="{LONGEST_COLLECTION:d}"
    dir="auto" autocomplete="off" data-otherwise="{OTHERWISE}" placeholder="{OTHERWISE}"></label>
  <div class="adding" hidden>
    <progress></progress>
    <div><p></p><button type="button" class="cancel">Cancel</button></div>
  </div>
  <p class="adding-summary" role="status"></p>
  <ul class="outcomes" aria-label="Files that were to be added"></ul>
  <template><li class="waiting"><bdi class="file"></bdi>: <bdi class="words">waiting</bdi>
    <form class="password" hidden>
      <input type="password" placeholder="Password" autocomplete="off" required>
      <button type="submit" class="plain">Open</button>
    </form></li></template>
</div>
"""
"""Buttons, progress, and a template for each file's line."""

UPLOADS_SCRIPT = r"""
const FILES_AT_ONCE = 2, REFRESH_MILLISECONDS = 4000;
const find = (selector) => element.querySelector(selector);
const mostBytes = Number(find('.adder').dataset.mostBytes);
const rows = [];
let running = 0, refreshed = 0;
const isOpen = (row) => ['waiting', 'reading'].includes(row.item.className);

const tell = (row, state, words, needsPassword = false) => {
  row.item.className = state;
  row.item.querySelector('.words').textContent = words;
  row.item.querySelector('form').hidden = !needsPassword;
  if (state === 'failed') find('.outcomes').prepend(row.item);
};
const sent = async (row, password) => {
  const query = new URLSearchParams({name: row.name, collection: row.into});
  const headers = password ? {'X-Pincite-Password': encodeURIComponent(password)} : {};
  const reply = await fetch('uploads?' + query, {method: 'POST', body: row.file, headers});
  if (!reply.ok) throw new Error(reply.status);
  return reply.json();
};
const send = async (row, password = '') => {
  tell(row, 'reading', 'reading…');
  showProgress();
  const mebibytes = Math.ceil(row.file.size / 2 ** 20), most = mostBytes / 2 ** 20;
  if (row.file.size > mostBytes) return tell(row, 'failed', `has ${mebibytes} MiB, more than ${most}: divide it`);
  try {
    const {outcome, words, needs_password: needsPassword} = await sent(row, password);
    tell(row, outcome, words, needsPassword);
  } catch {
    tell(row, 'failed', 'was not added: Pincite does not answer, or the file cannot be opened');
  }
};
const work = async (task) => {
  running += 1;
  try { await task(); } finally { running -= 1; }
  showProgress();
};
const sendWaiting = async () => {
  for (let row; (row = rows.find((own) => own.item.className === 'waiting'));) await send(row);
};
const showProgress = () => {
  const left = rows.filter(isOpen), done = rows.length - left.length;
  find('.adding').hidden = running === 0;
  find('.adding progress').max = rows.length;
  find('.adding progress').value = done;
  find('.adding p').textContent = `${done} of ${rows.length} done`;
  find('.adding-summary').textContent = running || !rows.length ? '' : summary();
  if (!running) return trigger('settled', {});
  if (performance.now() - refreshed < REFRESH_MILLISECONDS) return;
  refreshed = performance.now();
  trigger('added', {});
};
const summary = () => {
  const words = [['added', 'added'], ['updated', 'updated'], ['unchanged', 'already here'], ['failed', 'failed'],
    ['cancelled', 'cancelled']];
  const counted = words.map(([state, word]) => {
    const count = rows.filter((row) => row.item.className === state).length;
    return count ? `${count} ${word}` : '';
  });
  return counted.filter(Boolean).join(', ');
};
const add = (files) => {
  if (!running) { rows.length = 0; find('.outcomes').replaceChildren(); }
  const field = find('[name=into]'), into = field.value.trim() || field.dataset.asked || '';
  for (const {file, name} of files.sort((one, other) => one.name < other.name ? -1 : 1)) {
    const item = find('template').content.firstElementChild.cloneNode(true);
    item.querySelector('.file').textContent = name;
    item.querySelector('input').setAttribute('aria-label', 'Password of ' + name);
    find('.outcomes').append(item);
    rows.push({file, name, into, item});
  }
  while (running < FILES_AT_ONCE && running < rows.filter(isOpen).length) work(sendWaiting);
};

const isHidden = (name) => name.split('/').some((part) => part.startsWith('.'));
const chosen = (input) => [...input.files].map((file) => ({file, name: file.webkitRelativePath || file.name}))
  .filter(({file, name}) => !file.webkitRelativePath || !isHidden(name));
const below = async (entry, folder) => {
  const name = folder + entry.name;
  if (folder && isHidden(entry.name)) return [];
  if (entry.isFile) return [{name, file: await new Promise((resolve, reject) => entry.file(resolve, reject))}];
  const reader = entry.createReader(), entries = [];
  const more = () => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  for (let batch; (batch = await more()).length;) entries.push(...batch);
  return (await Promise.all(entries.map((own) => below(own, name + '/')))).flat();
};

find('.add-files').addEventListener('click', () => find('input[type=file]').click());
find('input[type=file]').addEventListener('change', ({target}) => { add(chosen(target)); target.value = ''; });
find('.add-folder').addEventListener('click', () => {
  const input = Object.assign(document.createElement('input'), {type: 'file', webkitdirectory: true});
  input.addEventListener('change', () => add(chosen(input)));
  input.click();
});
find('.cancel').addEventListener('click', () => {
  for (const row of rows) if (row.item.className === 'waiting') tell(row, 'cancelled', 'cancelled');
  showProgress();
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  const row = rows.find(({item}) => item.contains(event.target));
  const password = event.target.querySelector('input').value;
  event.target.reset();
  work(() => send(row, password));
});
const holdsFiles = (event) => event.dataTransfer?.types.includes('Files');
document.addEventListener('dragover', (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  document.body.classList.add('dropping');
});
document.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) document.body.classList.remove('dropping');
});
document.addEventListener('drop', async (event) => {
  document.body.classList.remove('dropping');
  if (!holdsFiles(event)) return;
  event.preventDefault();
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  add((await Promise.all(entries.map((entry) => below(entry, '').catch(() => [])))).flat());
});
window.addEventListener('beforeunload', (event) => { if (running) event.preventDefault(); });
"""
"""Sends what was chosen or dropped, into the collection that is named or else the only one that is asked of
(`ui.script.DOCUMENTS`); tells of each file what became of it, and asks before a page is left too early."""
