// Dialogs: the browser's own <dialog>, which keeps the focus inside, closes by
// Escape and returns the focus to where it was.
import { h, icon, newId, show, showTrouble, whileBusy } from "./dom.js";

/**
 * Opens a dialog with `content`, elements or a function of `close`. Returns
 * {element, body, close}. `onClose` runs once, however it is closed.
 */
export function openDialog(title, content, onClose) {
  const heading = newId("dialog");
  const body = h("div", { class: "page" });
  const element = h("dialog", { "aria-labelledby": heading },
    h("div", { class: "body" },
      h("div", { class: "head" }, h("h2", { id: heading }, title),
        h("button", { type: "button", class: "plain", "aria-label": "Close",
          onclick: () => element.close() }, icon("close"))),
      body));
  element.addEventListener("close", () => {
    element.remove();
    onClose?.();
  });
  show(body, typeof content === "function" ? content(() => element.close()) : content);
  document.body.append(element);
  element.showModal();
  return { element, body, close: () => element.close() };
}

/**
 * Asks before something that cannot be undone. `act` is called on "yes"; its
 * error is shown, and the dialog stays.
 */
export function confirmDialog({ title, text, yes, act }) {
  const alert = h("div", { role: "alert" });
  openDialog(title, (close) => {
    const button = h("button", { type: "button", class: "danger", onclick: () => whileBusy(button, async () => {
      try {
        await act();
        close();
      } catch (error) {
        showTrouble(alert, error.message);
      }
    }) }, yes);
    return [h("p", {}, text), alert,
      h("div", { class: "actions" },
        h("button", { type: "button", autofocus: true, onclick: close }, "Cancel"), button)];
  });
}
