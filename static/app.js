// Roster's own script. Every page and form works without it: it shows dialogs
// that htmx fetched, keeps the focus where it belongs, and saves some clicks.
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const on = (event, selector, act) => document.addEventListener(event, (e) => {
    const found = e.target.closest?.(selector);
    if (found) act(found, e);
  });
  const open = () => $("#dialog > dialog[open]");
  let opener, next; // who opened the dialog; which row follows the one being swapped

  const focus = (el) => {
    el = el?.isConnected ? el : (el?.id && document.getElementById(el.id)) || $("h1");
    const menu = el?.closest("[popover]:not(:popover-open)"); // it closed behind the dialog: to its button
    if (menu) el = $(`[popovertarget="${menu.id}"]`);
    if (el?.matches("h1")) el.tabIndex = -1;
    el?.focus();
  };
  const lost = () => !document.activeElement || document.activeElement === document.body;

  // Dialogs: shown after a swap into #dialog; closed by the server, Cancel, Escape or the backdrop.
  document.addEventListener("htmx:beforeRequest", (e) => {
    if (!open()) opener = document.activeElement;
  });
  document.addEventListener("dialog:close", () => open()?.close());
  on("click", "[data-close]", (el, e) => {
    if (!open()?.contains(el)) return; // on a page of its own it is a plain link
    e.preventDefault();
    open().close();
  });
  let pressed; // a selection dragged out of the dialog is no click on the backdrop
  document.addEventListener("pointerdown", (e) => { pressed = e.target; });
  document.addEventListener("click", (e) => {
    if (e.target === pressed && e.target === open()) e.target.close();
  });
  document.addEventListener("close", (e) => {
    if (!e.target.matches?.("#dialog > dialog")) return;
    e.target.remove();
    focus(opener);
  }, true); // close events do not bubble

  // Focus: first to what is wrong; a row that went leaves it to the next one; never to the top of the page.
  document.addEventListener("htmx:beforeSwap", (e) => {
    const { target, xhr } = e.detail;
    if (xhr.status >= 400 && !xhr.getResponseHeader("X-Request-Id")) { // from a proxy, not from us
      e.detail.shouldSwap = false;
      offline();
    }
    if (lost() || !target?.contains(document.activeElement)) return;
    const row = document.activeElement.closest("tr, li");
    next = row?.nextElementSibling ?? row?.previousElementSibling ?? null;
  });
  document.addEventListener("htmx:afterSettle", (e) => {
    const target = e.detail.target ?? e.target; // none when history is restored
    if (target.id === "dialog" && !open()) $("dialog", target)?.showModal();
    const wrong = target.isConnected && $("[aria-invalid=true]", target);
    if (wrong) wrong.focus();
    else if (lost() && next !== undefined) focus(next && $("[popovertarget], a, button, select", next));
    next = undefined;
  });
  document.addEventListener("htmx:responseError", (e) => { // a refused role change shows the old role again
    e.detail.elt.closest("form:has(select.quiet)")?.reset();
  });

  // Toasts: gone after 10 seconds, not while pointed at or focused, and never those about errors.
  const offline = () => $("#toasts").append($("#offline").content.cloneNode(true));
  document.addEventListener("htmx:sendError", offline);
  on("click", "[data-dismiss]", (el) => {
    el.closest(".toast").remove();
    if (lost()) focus();
  });
  const age = new WeakMap();
  setInterval(() => {
    for (const toast of document.querySelectorAll("#toasts > .toast:not(.toast-bad, :hover, :focus-within)")) {
      age.set(toast, (age.get(toast) ?? 0) + 1);
      if (age.get(toast) > 10) toast.remove();
    }
  }, 1000);
  // htmx notes the page's address in the tab's storage; links hold tokens, and signing out leaves nothing (D7).
  const forget = () => { try { sessionStorage.removeItem("htmx-current-path-for-history"); } catch { /* there is no storage */ } };
  addEventListener("pagehide", forget);
  forget();

  // What is chosen while a search is on its way would be gone when its answer comes: the search is dropped.
  on("change", "[data-found-by]", (list) => htmx.trigger(document.getElementById(list.dataset.foundBy), "htmx:abort"));
  // Small helps: select all, letters left, copy.
  on("change", "[data-select-all]", (all) => {
    for (const box of all.closest(".picks").querySelectorAll(".pick:not(:disabled)")) box.checked = all.checked;
  });
  on("input", "[data-counter]", (el) => {
    document.getElementById(el.dataset.counter).textContent = `${el.value.length} of ${el.maxLength}`;
  });
  on("click", "[data-copy]", async (button) => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); } // plain http has no clipboard
    button.lastChild.textContent = "Copied";
  });
})();
