// The console works without this; with it, texts are copied at a click and times are shown as the reader's clock says.
"use strict";

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copies);
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    button.classList.add("is-done");
    setTimeout(() => button.classList.remove("is-done"), 2000);
  });
}

const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time[datetime]")) {
  const date = new Date(time.dateTime);
  if (Number.isNaN(date.valueOf())) continue;
  time.title = time.dateTime;
  time.textContent = format.format(date);
}

// A second click must not send a form twice.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Who fills one of several alternatives means that one; and Enter in a field presses the button that stands beside it.
for (const field of document.querySelectorAll("[data-chooses]")) {
  const choose = () => {
    if (field.value) document.getElementById(field.dataset.chooses).checked = true;
  };
  field.addEventListener("input", choose);
  field.addEventListener("change", choose);
}
for (const field of document.querySelectorAll("[data-enters]")) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    document.getElementById(field.dataset.enters).click();
  });
}

// An invitation's token comes behind the # of its link, which is sent to nobody. It goes into its field, and out of the
// address and the history.
const token = location.pathname === "/invitation" ? document.getElementById("field-token") : null;
const takeToken = () => {
  if (!token || location.hash.length < 2) return;
  token.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  document.getElementById("field-password").focus();
};
takeToken();
addEventListener("hashchange", takeToken);
