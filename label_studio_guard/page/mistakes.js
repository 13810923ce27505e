// Keys by which a coder could tick a code unawares: Enter in the filter would tick its first match.
function stopEnter(event) {
  if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
  const inCodes = event.target.closest(".cb-codes, .ant-select-dropdown");
  const inUnlisted = event.target.closest("form");
  if (inCodes && !inUnlisted) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

export function stopMistakes() {
  for (const kind of ["keydown", "keypress", "keyup"]) {
    window.addEventListener(kind, stopEnter, true);
  }
}
