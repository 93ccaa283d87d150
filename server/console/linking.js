// The dialog that links a WhatsApp account, by QR code or by a code to type.
import { stream } from "./api.js";
import { openDialog } from "./dialog.js";
import { field, h, newId, show } from "./dom.js";
import { accounts } from "./feeds.js";
import { qrImage } from "./qr.js";
import { duration, phoneOf } from "./words.js";

const NAME = "[a-z0-9-]{1,63}";
const WHERE = "On the phone, open WhatsApp, then Settings, Linked devices, Link a device";

export function openLinking() {
  const controller = new AbortController();
  let timer = 0;
  const { body, close } = openDialog("Link a WhatsApp account", form, () => {
    controller.abort();
    clearInterval(timer);
  });

  function form() {
    const ids = { name: newId("name"), phone: newId("phone"), proxy: newId("proxy"), hint: newId("hint") };
    const name = h("input", { id: ids.name, pattern: NAME, maxlength: 63, autocomplete: "off",
      spellcheck: "false", placeholder: "chosen by the server", "aria-describedby": ids.hint });
    const phone = h("input", { id: ids.phone, type: "tel", autocomplete: "off", placeholder: "+13105551234" });
    const proxy = h("input", { id: ids.proxy, autocomplete: "off", spellcheck: "false",
      placeholder: "socks5://HOST:PORT or http://HOST:PORT" });
    const phoneField = h("div", { class: "field", hidden: true },
      h("label", { for: ids.phone }, "Phone number of the account"), phone);
    const choose = (byCode) => {
      phoneField.hidden = !byCode;
      phone.required = byCode;
      if (byCode) phone.focus();
    };
    const choice = (byCode, text) => h("label", { class: "choice" },
      h("input", { type: "radio", name: "how", checked: !byCode, onchange: () => choose(byCode) }), text);
    return h("form", { class: "page", onsubmit: (event) => {
      event.preventDefault();
      pair({ session: name.value, phoneNumber: phone.required ? phone.value : "", proxy: proxy.value });
    } },
    h("fieldset", {}, h("legend", {}, "How to link"),
      choice(false, "Scan a QR code with the phone"),
      choice(true, "Type a code on the phone")),
    phoneField,
    field("Name (optional)", name,
      h("p", { id: ids.hint, class: "quiet small" }, "Lower-case letters, digits and hyphens.")),
    h("details", {}, h("summary", {}, "Connect through a proxy"),
      field("Proxy of this account", proxy)),
    h("div", { class: "actions" },
      h("button", { type: "button", onclick: () => close() }, "Cancel"),
      h("button", { class: "primary" }, "Go on")));
  }

  async function pair(request) {
    show(body, h("p", { role: "status" }, "Asking WhatsApp for a code…"));
    try {
      for await (const event of stream("POST", "v1/sessions:pair", {
        body: JSON.stringify(request), signal: controller.signal })) {
        if (event.qrCode) showQr(event.qrCode);
        if (event.pairingCode) showCode(event.pairingCode, request.phoneNumber);
        if (event.paired) return done(event.paired);
        if (event.failed) return failed(event.failed.message);
      }
      failed("The server ended the attempt.");
    } catch (error) {
      if (!controller.signal.aborted) failed(error.message);
    }
  }

  // "until the next code: 17 s", counted down.
  function countdown(text, time) {
    clearInterval(timer);
    const element = h("p", { class: "quiet small number" });
    const tick = () => {
      element.textContent = `${text} ${duration((new Date(time) - Date.now()) / 1000)}`;
    };
    tick();
    timer = setInterval(tick, 1000);
    return element;
  }

  function showQr(code) {
    show(body, h("p", {}, `${WHERE}, and scan this:`),
      qrImage(code.text, "QR code to scan with WhatsApp on the phone"),
      code.expireTime && countdown("Next code in", code.expireTime));
  }

  function showCode(code, phone) {
    show(body, h("p", {}, `${WHERE}, Link with phone number instead, and type this code on the phone of ${phone}:`),
      h("p", { class: "pairing-code", "aria-label": `Code ${[...code.code].join(" ")}` }, code.code),
      code.expireTime && countdown("Valid for", code.expireTime));
  }

  function done(session) {
    clearInterval(timer);
    accounts.wake();
    show(body, h("p", { class: "banner good", role: "status" },
      `${phoneOf(session)} is linked as ${session.session}.`),
    h("div", { class: "actions" }, h("button", { class: "primary", autofocus: true, onclick: () => close() }, "Done")));
    body.querySelector("button").focus();
  }

  function failed(why) {
    clearInterval(timer);
    show(body, h("p", { class: "banner bad", role: "alert" }, `No account was linked: ${why}`),
      h("div", { class: "actions" },
        h("button", { type: "button", onclick: () => close() }, "Close"),
        h("button", { class: "primary", onclick: () => show(body, form()) }, "Try again")));
  }
}
