"""The page's own JavaScript, one piece per component. It never writes HTML: text comes escaped from the server.

Each piece runs once, as `js_on_load` of a `gr.HTML`; `element`, `trigger`, `props` and `watch` are Gradio's.
"""

OPEN_SOURCES = """
element.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-document]');
  if (!opener) return;
  window.pinciteOpener = opener;
  const {document: id, start = 0, end = 0} = opener.dataset;
  const chips = [...opener.closest('.turn')?.querySelectorAll('.claims .chip') ?? []];
  const cited = chips.map(({dataset}) => dataset).filter((own) => own.document === id)
    .map((own) => [Number(own.start), Number(own.end)]);
  trigger('cite', {document: Number(id), start: Number(start), end: Number(end), cited});
});
"""
"""A click on anything with `data-document` asks for that place, and for what else the same answer cites there. Enter
and space come by themselves: it is a button."""

CONVERSATION = (
    OPEN_SOURCES
    + """
element.setAttribute('role', 'log');
element.setAttribute('aria-live', 'polite');
element.setAttribute('aria-label', 'Answer');
watch('value', () => {
  if (!element.querySelector('[aria-busy="true"]')) {
    window.pinciteAsking = false;
    window.pinciteEnded = performance.now();
  }
  if (element.querySelector('.working') && !element.querySelector('.claims')) element.scrollIntoView({block: 'start'});
});
"""
)
"""The live answer is announced as it grows. A new question goes to the top; then the reader scrolls."""

MENU = """
const details = () => element.querySelector('details.generator');
const close = () => { details().open = false; };
let isOpen = false;
element.addEventListener('toggle', (event) => {
  if (event.target.open && !isOpen) trigger('look', {});
  isOpen = event.target.open;
}, true);
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button || button.getAttribute('aria-disabled') === 'true') return;
  if (button.dataset.writer) trigger('writer', {key: button.dataset.writer});
  if (button.dataset.download) trigger('download', {name: button.dataset.download});
  if (button.classList.contains('cancel')) trigger('cancel', {});
  element.querySelector('.menu').scrollTop = 0;  // there it stands what becomes of it
  if (!button.dataset.writer) element.querySelector('.menu-status').focus();  // the button goes away
});
document.addEventListener('click', (event) => { if (!event.composedPath().includes(element)) close(); });
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !isOpen) return;
  close();
  element.querySelector('summary').focus();
});
watch('value', () => { if (isOpen) details().open = true; });
"""
"""The menu of models: opening it looks for them; it stays open while its content changes, and closes on Escape or on
a click elsewhere."""

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

DOCUMENTS = (
    OPEN_SOURCES
    + """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-remove]');
  if (button) trigger('removal', {document: Number(button.dataset.remove)});
});
"""
)

SOURCE = """
const close = () => {
  if (!props.value) return;
  props.value = '';
  if (window.pinciteOpener && window.pinciteOpener.isConnected) window.pinciteOpener.focus();
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
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
watch('value', () => requestAnimationFrame(() => {
  showView();
  document.body.classList.remove('documents-open');
  const title = element.querySelector('#source-title');
  if (!title) return;
  title.focus({preventScroll: true});
  element.querySelector('.source-document').scrollTop = 0;
  window.pinciteReveal();
}));
"""
"""The source panel: scrolls to the highlighted sentence, closes on its button or Escape, and gives the focus back."""

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
  if (view) enlarge();
  if (turned) (element.querySelector(turned + ':enabled') ?? element.querySelector('.page-pane'))?.focus();
  turned = '';
}));
"""
"""The page of a PDF: asks for the one that is wanted and for the next and the previous, scrolls to the highlighted
sentence, and keeps the focus on the button that turned the page."""

TOGGLE_DOCUMENTS = "() => { document.body.classList.toggle('documents-open'); }"
"""The narrow page shows the documents as a drawer."""

TAKE_QUESTION = """
async (question) => {
  const isClosing = () => performance.now() - (window.pinciteEnded ?? -Infinity) < 300;
  while (window.pinciteAsking || isClosing()) await new Promise((resolve) => setTimeout(resolve, 50));
  window.pinciteAsking = true;
  return [question, ''];
}
"""
"""Takes the question out of its box: at once, or when the answer being written has ended.

Gradio closes a session's event stream after its last queued event, and drops an event that is queued while the stream
is closing: its answer would never come. So the next question waits until the stream has closed (milliseconds here).
"""
