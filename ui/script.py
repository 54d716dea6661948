"""The page's own JavaScript, one piece per component. It never writes HTML: text comes escaped from the server.

Each piece runs once, as `js_on_load` of a `gr.HTML`; `element`, `trigger`, `props` and `watch` are Gradio's.
"""

OPEN_SOURCES = """
element.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-document]');
  if (!opener) return;
  window.pinciteOpener = opener;
  const {document: id, start = 0, end = 0} = opener.dataset;
  const said = opener.closest('.turn') ?? document.querySelector('#conversation');
  const cited = [...said.querySelectorAll('.claims .chip')].map(({dataset}) => dataset)
    .filter((own) => own.document === id).map((own) => [Number(own.start), Number(own.end)]);
  trigger('cite', {document: Number(id), start: Number(start), end: Number(end), cited});
});
"""
"""A click on anything with `data-document` asks for that place, and for what else the same answer cites there; in the
list of documents, for what the conversation cites. Enter and space come by themselves: it is a button."""

TURNS = (
    OPEN_SOURCES
    + """
const again = (turn, question) => trigger('again', {turn: Number(turn.dataset.turn), question});
const edit = (turn, isEdited) => {
  turn.querySelector('.edit').hidden = !isEdited;
  turn.querySelector('.question').hidden = isEdited;
  turn.querySelector(isEdited ? '.edit textarea' : '.change').focus();
};
const copy = async (words) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(words);
  const box = document.createElement('textarea');  // other machines' pages without TLS have no clipboard
  box.value = words;
  document.body.append(box);
  box.select();
  document.execCommand('copy');
  box.remove();
};
element.addEventListener('click', async (event) => {
  const button = event.target.closest('.tools button, .edit .keep');
  const turn = button?.closest('.turn');
  if (!button) return;
  if (button.classList.contains('retry')) again(turn, turn.querySelector('.question').textContent);
  if (button.classList.contains('change')) edit(turn, true);
  if (button.classList.contains('keep')) edit(turn, false);
  if (!button.classList.contains('copy')) return;
  await copy(button.dataset.copy);
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
});
element.addEventListener('click', ({target}) => {
  const button = target.closest('.judge');
  if (!button) return;
  const {citation, verdict} = button.dataset;
  const isSaid = button.getAttribute('aria-pressed') !== 'true';
  for (const other of button.closest('.tools').querySelectorAll(`.judge[data-citation="${citation}"]`)) {
    other.setAttribute('aria-pressed', other === button && isSaid);
  }
  const turn = Number(button.closest('.turn').dataset.turn);
  trigger('judge', {turn, citation: Number(citation), verdict: isSaid ? verdict : ''});
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  again(event.target.closest('.turn'), event.target.querySelector('textarea').value);
});
element.addEventListener('keydown', (event) => {
  if (!event.target.closest('.edit textarea')) return;
  if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); event.target.form.requestSubmit(); }
  if (event.key === 'Escape') { event.stopPropagation(); edit(event.target.closest('.turn'), false); }
});
"""
)
"""What can be done with an answer: copy it, judge it, ask its question again, or change the question first."""

CONVERSATION = (
    TURNS
    + """
element.setAttribute('role', 'log');
element.setAttribute('aria-live', 'polite');
element.setAttribute('aria-label', 'Answer');
watch('value', () => {
  if (!element.querySelector('[aria-busy="true"]')) {
    window.pinciteAsking = false;
    window.pinciteEnded = performance.now();
  }
  const isNew = element.querySelector('.working') && !element.querySelector('.claims');
  if (isNew || window.pinciteReopened) element.scrollIntoView({block: 'start'});
  window.pinciteReopened = false;
  const talk = element.querySelector('.turn .save')?.getAttribute('href').split('/')[1];
  if (talk || !element.querySelector('.turn')) history.replaceState(null, '', talk ? '#' + talk : location.pathname);
});
"""
)
"""The live answer is announced as it grows. A new question goes to the top; then the reader scrolls. The page's address
names the conversation, so that a page that is loaded again shows it again."""

ACCOUNT = """
const send = window.fetch;
window.fetch = async (...request) => {
  const reply = await send(...request);
  if (reply.status === 401) location.assign('login?over');
  return reply;
};
"""
"""Who is logged in. Once a session has ended, whatever the page asks for leads to the login."""

ADDRESS = "() => location.hash.slice(1)"

SEARCH = """
let waiting;
element.addEventListener('input', (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(() => trigger('search', {words: event.target.value}), 150);
});
"""

CONVERSATIONS = """
const row = (event) => event.target.closest('[data-conversation]')?.dataset.conversation;
element.addEventListener('click', (event) => {
  if (event.target.closest('.reopen')) {
    window.pinciteReopened = true;
    document.body.classList.remove('shelf-open');
    trigger('reopen', {id: row(event)});
  }
  if (event.target.closest('.confirm-delete')) trigger('deletion', {id: row(event)});
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  trigger('renaming', {id: row(event), title: event.target.elements.title.value});
});
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('#shelf-column .more[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener('keydown', (event) => {
  const menu = event.key === 'Escape' && document.querySelector('#shelf-column .more[open]');
  if (!menu) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});
"""

UNFOLDING = """
const details = () => element.querySelector('details');
const close = () => { details().open = false; };
let isOpen = false;
element.addEventListener('toggle', (event) => {
  if (event.target.open && !isOpen) trigger('look', {});
  isOpen = event.target.open;
}, true);
document.addEventListener('click', (event) => { if (!event.composedPath().includes(element)) close(); });
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !isOpen) return;
  close();
  element.querySelector('summary').focus();
});
watch('value', () => { if (isOpen) details().open = true; });
"""
"""What unfolds from a button of the header: opening it looks anew; it stays open while its content changes, and closes
on Escape or on a click elsewhere."""

MENU = (
    UNFOLDING
    + """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button || button.getAttribute('aria-disabled') === 'true') return;
  if (button.dataset.writer) trigger('writer', {key: button.dataset.writer});
  if (button.dataset.download) trigger('download', {name: button.dataset.download});
  if (button.classList.contains('cancel')) trigger('cancel', {});
  element.querySelector('.menu').scrollTop = 0;  // there it stands what becomes of it
  if (!button.dataset.writer) element.querySelector('.menu-status').focus();  // the button goes away
});
"""
)
"""The menu of models."""

SETTINGS = (
    UNFOLDING
    + """
element.addEventListener('change', ({target}) => trigger('setting', {name: target.name, value: target.value}));
element.addEventListener('click', (event) => {
  if (event.target.closest('.usual')) trigger('usual', {});
  if (!event.target.closest('.open-menu')) return;
  event.stopPropagation();
  close();
  const models = document.querySelector('details.generator');
  models.open = true;
  models.querySelector('summary').focus();
});
watch('value', () => {  // what was refused is not shown as if it held
  for (const field of element.querySelectorAll('input')) field.checked = field.defaultChecked;
  for (const option of element.querySelectorAll('option')) option.selected = option.defaultSelected;
});
"""
)
"""How answers are wanted: each choice is kept at once. Its button leads to the menu of models."""

BANNER = """
const dismissed = (key) => {
  try { return localStorage.getItem('pincite dismissed ' + key) !== null; } catch { return false; }
};
const hide = () => {
  const banner = element.querySelector('.banner');
  if (banner) banner.hidden = banner.dataset.banner !== '' && dismissed(banner.dataset.banner);
};
element.addEventListener('click', (event) => {
  if (event.target.closest('.open-menu')) {
    event.stopPropagation();
    const details = document.querySelector('details.generator');
    details.open = true;
    details.querySelector('summary').focus();
  }
  if (event.target.closest('.dismiss')) {
    try { localStorage.setItem('pincite dismissed ' + element.querySelector('.banner').dataset.banner, ''); } catch {}
    element.querySelector('.banner').hidden = true;
  }
});
watch('value', hide);
"""
"""The line above the question: its button opens the menu of models; once dismissed, it stays away in this browser."""

SAMPLES = """
element.addEventListener('click', (event) => {
  const sample = event.target.closest('.sample');
  if (sample) trigger('sample', {question: sample.textContent});
});
"""

LIMITS = """
let only = null;  // the document to ask alone: its id and its title
const labels = {};  // of fields whose values are not what a person reads
const fields = {};  // by name, and for a tick box by its value as well: what a person chose outlives the list
const nameOf = (field) => field.name === 'collection' ? 'collection ' + field.value : field.name;
const without = () => Object.keys(fields).filter((name) => name.startsWith('collection ') && fields[name] === false)
  .map((name) => name.slice('collection '.length));
const quoted = (name) => '“' + name + '”';
const ticked = () => {
  const names = [...element.querySelectorAll('#collection-names option')].map(({value}) => value);
  const left = names.filter((name) => !without().includes(name));
  return left.length < names.length ? left : null;
};
const limits = () => {  // each in words, and what takes it away
  if (only) return [[quoted(only.title), () => { only = null; }]];
  const {type, folder, since, until} = fields, names = ticked();
  const some = names && (names.length > 3 ? `${names.length} collections` : names.map(quoted).join(', ') || 'nothing');
  const tickAll = () => { for (const name of without()) delete fields['collection ' + name]; };
  return [
    ...(names ? [[some, tickAll]] : []), ...(folder ? [[`in ${labels.folder}`, clear('folder')]] : []),
    ...(type ? [[type, clear('type')]] : []), ...(since ? [['since ' + since, clear('since')]] : []),
    ...(until ? [['until ' + until, clear('until')]] : []),
  ];
};
const focusQuestion = () => document.querySelector('#question textarea').focus();
const clear = (name) => () => { fields[name] = ''; };
const limitButton = ([words, remove]) => {
  const button = Object.assign(document.createElement('button'), {type: 'button', className: 'limit', dir: 'auto'});
  button.textContent = words;
  button.setAttribute('aria-label', words + ', remove this limit');
  button.addEventListener('click', () => { remove(); restore(); focusQuestion(); });
  return button;
};
const tell = () => {
  const line = document.querySelector('#scope-line'), all = limits();
  line.replaceChildren(...(all.length ? ['Asking only: ', ...all.map(limitButton)] : []));
  const names = ticked(), asked = names?.length === 1 ? names[0] : '';
  const into = document.querySelector('.adder [name=into]');
  into.dataset.asked = asked;
  into.placeholder = asked || into.dataset.otherwise;
};
window.pinciteNarrowed = () => {
  const {type, folder, since, until} = fields;
  return JSON.stringify(only ? {document: only.id} : {without: without(), type, folder, since, until});
};
element.addEventListener('change', ({target}) => {
  if (!['collection', 'type', 'folder', 'since', 'until'].includes(target.name)) return;
  fields[nameOf(target)] = target.type === 'checkbox' ? target.checked : target.value;
  if (target.selectedOptions) labels[target.name] = target.selectedOptions[0].textContent;
  tell();
});
const restore = () => {
  let isNarrowed = false;
  for (const field of element.querySelectorAll('.tick input, .narrow :is(input, select)')) {
    const chosen = fields[nameOf(field)];
    if (field.type === 'checkbox') { field.checked = chosen ?? true; continue; }
    field.value = chosen ?? '';
    isNarrowed ||= field.value !== '';
  }
  if (isNarrowed) element.querySelector('.narrow').open = true;
  for (const button of element.querySelectorAll('.only')) {
    button.setAttribute('aria-pressed', Number(button.dataset.only) === only?.id);
  }
  tell();
};
watch('value', restore);
"""
"""What limits a question: tick boxes, fields, and one document that is asked alone, which comes before all others. They
stand above the question's box, each as a button that takes it away. Of the single collection that is asked, the place
for uploads is told."""

DOCUMENTS = (
    OPEN_SOURCES
    + LIMITS
    + """
element.addEventListener('click', (event) => {
  const chosen = event.target.closest('.only');
  if (chosen) {
    const id = Number(chosen.dataset.only);
    only = only?.id === id ? null : {id, title: chosen.dataset.title};
    restore();
    document.body.classList.remove('shelf-open');
    focusQuestion();
  }
  const button = event.target.closest('[data-remove]');
  if (button) trigger('removal', {document: Number(button.dataset.remove)});
  if (only && Number(button?.dataset.remove) === only.id) { only = null; tell(); }
  const name = event.target.closest('[data-collection]')?.dataset.collection;
  if (!event.target.closest('.confirm-delete')) return;
  delete fields['collection ' + name];
  tell();
  trigger('collection', {name});
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  const name = event.target.closest('[data-collection]').dataset.collection;
  const title = event.target.elements.title.value.trim();
  if (!title || title === name) return;
  fields['collection ' + title] = fields['collection ' + name];
  delete fields['collection ' + name];
  trigger('collection', {name, title});
});
"""
)
"""The documents: opens and removes them, renames and removes collections."""

SOURCE = """
const close = () => {
  if (!props.value) return;
  props.value = '';
  if (window.pinciteOpener && window.pinciteOpener.isConnected) window.pinciteOpener.focus();
};
const resting = ({dataset: {start, end}}) => {
  const shown = element.querySelector('[data-shown]').dataset.shown;
  const said = window.pinciteOpener?.closest('.turn') ?? document.querySelector('#conversation');
  return [...said.querySelectorAll('.claims .chip')]
    .filter(({dataset}) => dataset.document === shown && dataset.start === start && dataset.end === end);
};
window.pinciteLead = (pane) => {
  for (const cited of pane.querySelectorAll('[data-start]')) {
    const count = resting(cited).length, {start, end, words} = cited.dataset;
    if (!count) continue;
    cited.title = count === 1 ? 'Show what rests on this' : `Show the ${count} sentences that rest on this`;
    cited.classList.add('leads');
    if (pane.querySelector(`[data-start="${start}"][data-end="${end}"]`) !== cited) continue;
    cited.tabIndex = 0;
    cited.setAttribute('role', 'button');
    if (words) cited.setAttribute('aria-label', cited.title + ': ' + words);
  }
};
const showClaims = (cited) => {
  const chips = resting(cited);
  const isDrawer = getComputedStyle(document.querySelector('#source-column')).position === 'fixed';
  if (isDrawer) close();
  for (const chip of chips) {
    const claim = chip.closest('.claim');
    claim.classList.remove('resting');
    requestAnimationFrame(() => claim.classList.add('resting'));
  }
  chips[0].scrollIntoView({block: 'center'});
  chips[0].focus({preventScroll: true});
};
const showView = () => {
  const asText = document.body.classList.contains('source-as-text');
  element.querySelector('.as-text')?.setAttribute('aria-pressed', asText);
  element.querySelector('.as-page')?.setAttribute('aria-pressed', !asText);
};
element.addEventListener('click', (event) => {
  if (event.target.closest('.close')) close();
  if (!event.target.closest('.switch button')) return;
  document.body.classList.toggle('source-as-text', event.target.closest('.as-text') !== null);
  showView();
  window.pinciteReveal();
});
const light = ({target}) => {
  const {start, end} = target.closest?.('.sheet .leads')?.dataset ?? {};
  for (const {classList, dataset} of document.querySelectorAll('.sheet .leads')) {
    classList.toggle('lit', dataset.start === start && dataset.end === end);
  }
};
for (const kind of ['pointerover', 'focusin']) document.addEventListener(kind, light);
document.addEventListener('click', ({target}) => {
  const cited = target.closest('#source-column .leads');
  if (cited && getSelection().isCollapsed) showClaims(cited);
});
document.addEventListener('keydown', (event) => {
  const cited = event.target.closest('#source-column .leads');
  if (!cited || (event.key !== 'Enter' && event.key !== ' ')) return;
  event.preventDefault();
  showClaims(cited);
});
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
watch('value', () => requestAnimationFrame(() => {
  showView();
  document.body.classList.remove('shelf-open');
  const title = element.querySelector('#source-title');
  if (!title) return;
  title.focus({preventScroll: true});
  window.pinciteLead(element.querySelector('.source-document'));
  element.querySelector('.source-document').scrollTop = 0;
  window.pinciteReveal();
}));
"""
"""The source panel: scrolls to the highlighted sentence, closes on its button or Escape, and gives the focus back. What
an answer cites leads to the claims that rest on it, in the text and in the picture of a page; of a sentence that takes
several boxes there, the first has the focus, and all light up."""

PAGE = """
window.pinciteReveal = () => {
  for (const [pane, mark] of [['.source-document', 'mark'], ['.page-pane', '.box.clicked']]) {
    const shown = document.querySelector('#source-column ' + pane);
    const marked = shown?.querySelector(mark);
    const reveal = () => {
      const [inner, outer] = [marked.getBoundingClientRect(), shown.getBoundingClientRect()];
      shown.scrollTop += inner.top - outer.top - shown.clientHeight / 3;
      shown.scrollLeft += inner.left - outer.left - shown.clientWidth / 8;
    };
    // Twice: the heights of paragraphs out of view are guesses until they are drawn.
    if (marked) { reveal(); requestAnimationFrame(reveal); }
  }
};
let isLarge = false, turned = '';
const turn = (page) => {
  const {document: id, start, end, cited} = element.querySelector('.page-view').dataset;
  trigger('turn', {document: Number(id), start: Number(start), end: Number(end), cited: JSON.parse(cited), page});
};
const enlarge = () => {
  element.querySelector('.page-pane').classList.toggle('enlarged', isLarge);
  element.querySelector('.enlarge').setAttribute('aria-pressed', isLarge);
  window.pinciteReveal();
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button?.dataset.turn) { turned = '.' + button.classList[1]; turn(Number(button.dataset.turn)); }
  if (button?.classList.contains('enlarge')) { isLarge = !isLarge; enlarge(); }
});
watch('value', () => requestAnimationFrame(() => {
  const view = element.querySelector('.page-view');
  if (view?.dataset.wanted) return turn(Number(view.dataset.wanted));
  if (view) { enlarge(); window.pinciteLead(view.querySelector('.sheet')); }
  if (turned) (element.querySelector(turned + ':enabled') ?? element.querySelector('.page-pane'))?.focus();
  turned = '';
}));
"""
"""The page of a PDF: asks for the one that is wanted and for the next and the previous, scrolls to the highlighted
sentence, and keeps the focus on the button that turned the page."""

TOGGLE_SHELF = "() => { document.body.classList.toggle('shelf-open'); }"
"""The narrow page shows conversations and documents as a drawer."""

_WAIT = """
  const isClosing = () => performance.now() - (window.pinciteEnded ?? -Infinity) < 300;
  while (window.pinciteAsking || isClosing()) await new Promise((resolve) => setTimeout(resolve, 50));
  window.pinciteAsking = true;
"""
"""Goes on at once, or when the answer being written has ended.

Gradio closes a session's event stream after its last queued event, and drops an event that is queued while the stream
is closing: its answer would never come. So the next question waits until the stream has closed (milliseconds here).
"""

_WHERE = "window.pinciteNarrowed(), location.hash.slice(1)"
"""What limits the question, and which conversation it belongs to, for a server that was started again since."""

TAKE_QUESTION = f"async (question) => {{ {_WAIT} return [question, '', '', {_WHERE}]; }}"
"""Takes the question out of its box."""

TAKE_AGAIN = f"async (question, turn) => {{ {_WAIT} return [question, turn, {_WHERE}]; }}"
"""Takes a question that is asked in the place of an earlier turn."""
