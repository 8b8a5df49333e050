// The console works without this; with it, texts are copied at a click and times are shown as the reader's clock says.
"use strict";

// Says something to everybody: it is seen for a while, and read out.
const announcement = document.getElementById("announcement");
let silence;
const announce = (text) => {
  clearTimeout(silence);
  // The same twice would not be read out twice.
  announcement.textContent = "";
  requestAnimationFrame(() => { announcement.textContent = text; });
  silence = setTimeout(() => { announcement.textContent = ""; }, 6000);
};

// Browsers give pages that came by plain HTTP no clipboard, but still copy what is selected.
const copySelected = (text) => {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  area.readOnly = true;
  document.body.append(area);
  area.select();
  let isCopied = false;
  try { isCopied = document.execCommand("copy"); } catch { /* Then it is not. */ }
  area.remove();
  before?.focus();
  return isCopied;
};

const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
};

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copies);
    if (await copy(source.value ?? source.textContent)) {
      announce(announcement.dataset.copied);
      button.classList.add("is-done");
      setTimeout(() => button.classList.remove("is-done"), 2000);
    } else {
      // So that one press of the keys is enough.
      if (source.select) source.select(); else getSelection().selectAllChildren(source);
      announce(announcement.dataset.notCopied);
    }
  });
}

// With the zone, as what is typed into fields is UTC.
const format = new Intl.DateTimeFormat(document.documentElement.lang, {
  year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short",
});
const tellTimes = (part) => {
  for (const time of part.querySelectorAll("time[datetime]")) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.valueOf())) continue;
    time.title = time.dateTime;
    time.textContent = format.format(date);
  }
};
tellTimes(document);

// A part that is asked for again while one looks at it. Where nothing has the focus in it, so that nobody loses their place.
const live = document.querySelector("[data-live]");
if (live) {
  const refresh = async () => {
    if (document.visibilityState !== "visible" || live.contains(document.activeElement)) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("[data-live]");
    if (!next || live.contains(document.activeElement)) return;
    const open = new Set([...live.querySelectorAll("details[open]")].map((details) => details.id));
    live.replaceChildren(...next.childNodes);
    for (const details of live.querySelectorAll("details")) details.open = open.has(details.id);
    tellTimes(live);
  };
  setInterval(refresh, 1000 * Number(live.dataset.live));
}

// A browser sends a time that is typed half as none at all. Whether there is one it tells scripts, and who sends the form
// is told beside the field; without scripts the browser stops the form itself.
const isWhole = (field) => {
  const isWhole = !field.validity.badInput;
  const id = `${field.id}-incomplete`;
  const described = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((part) => part && part !== id);
  document.getElementById(id)?.remove();
  if (!isWhole) {
    const complaint = document.createElement("span");
    complaint.id = id;
    complaint.className = "complaint";
    complaint.textContent = field.dataset.incomplete;
    field.after(complaint);
    field.setAttribute("aria-invalid", "true");
    described.unshift(id);
  } else if (field.dataset.isWrong) {
    field.removeAttribute("aria-invalid");
  }
  field.dataset.isWrong = isWhole ? "" : "1";
  field.parentElement.classList.toggle("is-incomplete", !isWhole);
  if (described.length) field.setAttribute("aria-describedby", described.join(" "));
  else field.removeAttribute("aria-describedby");
  return isWhole;
};
for (const form of document.querySelectorAll("form:has([data-incomplete])")) {
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formNoValidate) return;
    const wrong = [...form.querySelectorAll("[data-incomplete]")].filter((field) => !isWhole(field));
    if (!wrong.length) return;
    event.preventDefault();
    wrong[0].focus();
  });
}

// A second click must not send a form twice.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
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

// Of several forms on a page the switch of languages takes the one along that was typed into last.
const languages = document.querySelector(".languages button[form]");
for (const form of languages ? document.querySelectorAll("main form[id^=typed]") : []) {
  form.addEventListener("input", () => languages.setAttribute("form", form.id));
}
