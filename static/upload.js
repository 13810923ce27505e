// A file of notes: dropped anywhere on its form or chosen, and sent with a word on how much has arrived.
// Without this script the form sends it as forms do.

const form = document.querySelector("form.drop");
const input = form.querySelector("input[type=file]");
const button = form.querySelector("button");
const status = form.querySelector("p.arriving");
const bar = form.querySelector("progress.arriving");

function say(words, failed = false) {
  status.hidden = false;
  status.textContent = words;
  status.classList.toggle("refused", failed);
}

// Why a file is not even sent; "" where it is.
function refusal(file) {
  if (file && file.size > Number(form.dataset.limit)) {
    return `${file.name} is over the limit of ${form.dataset.limitWords}; split it into several files.`;
  }
  return "";
}

function send() {
  const file = input.files[0];
  const words = refusal(file);
  if (words) {
    say(words, true);
    return;
  }
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (event) => {
    const percent = Math.round((100 * event.loaded) / event.total);
    bar.value = percent;
    say(`${file.name}: ${percent}% has arrived.`);
  });
  request.addEventListener("load", () => arrived(request));
  request.addEventListener("error", () => failed("The site did not answer. Nothing was stored; try again."));
  bar.hidden = false;
  button.disabled = true;
  say(`${file.name} is being sent.`);
  request.send(new FormData(form));
}

function arrived(request) {
  let answer = {};
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    // a page, as that to log in: said below
  }
  if (answer.to) location.assign(answer.to);
  else failed(answer.error || withoutWords(request.status));
}

// What is said where the site answers with a page.
function withoutWords(status) {
  if (status === 200 || status === 403) {
    return "You seem to be logged out. Nothing was stored: load this page again, and log in.";
  }
  return `The site refused it (${status}). Nothing was stored.`;
}

function failed(words) {
  bar.hidden = true;
  button.disabled = false;
  say(words, true);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

for (const name of ["dragenter", "dragover"]) {
  form.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
}

form.addEventListener("dragleave", () => form.classList.remove("over"));

form.addEventListener("drop", (event) => {
  event.preventDefault();
  form.classList.remove("over");
  if (event.dataTransfer.files.length !== 1) {
    say("Drop one file at a time.", true);
    return;
  }
  input.files = event.dataTransfer.files;
  send();
});
