// Passkeys, where the browser has them; password and code work without.
"use strict";

const browserHasPasskeys = window.PublicKeyCredential?.parseCreationOptionsFromJSON && navigator.credentials;

for (const form of browserHasPasskeys ? document.querySelectorAll("form[data-passkey]") : []) {
  form.hidden = false;
  form.closest(".passkey-way")?.removeAttribute("hidden");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[role=alert]");
    failed.hidden = true;
    try {
      const options = JSON.parse(form.dataset.options);
      const credential = form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.credential.value = JSON.stringify(credential);
    } catch {
      failed.hidden = false;
      return;
    }
    form.submit();
  });
}
