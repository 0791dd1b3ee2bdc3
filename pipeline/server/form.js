"use strict";
const form = document.querySelector(".read");
const files = document.querySelector("#files");
const chosen = document.querySelector(".chosen");
const status = document.querySelector(".status");
const boxes = document.querySelector(".boxes");
const mostBytes = Number(form.dataset.mostBytes);
const mostArticles = Number(form.dataset.mostArticles);
const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
const texts = () => [...boxes.querySelectorAll("textarea")];

function choose(list) {
  const kept = new DataTransfer();
  for (const file of list) kept.items.add(file);
  files.files = kept.files;
  showChosen();
}

function showChosen() {
  const names = [...files.files].map((file) => file.name);
  chosen.replaceChildren(
    ...(names.length > 1 ? names : []).map((name) => {
      const line = document.createElement("li");
      line.textContent = name;
      return line;
    }),
  );
  showFault();
}

const filled = () => texts().filter((box) => box.value.trim());

function showFault() {
  form.classList.toggle("single", texts().length < 2 && filled().length + files.files.length < 2);
  status.textContent = fault();
}

function fault() {
  const pasted = filled();
  const count = pasted.length + files.files.length;
  const bytes =
    [...files.files].reduce((sum, file) => sum + file.size, 0) +
    pasted.reduce((sum, box) => sum + new Blob([box.value]).size, 0);
  if (count > mostArticles) return `${count} articles: send at most ${mostArticles} at once.`;
  if (bytes > mostBytes) return `Too large: send at most ${mostBytes >> 20} MB at once.`;
  return "";
}

function addBox() {
  const last = boxes.querySelector(".box:last-child");
  const box = last.cloneNode(true);
  const number = texts().length + 1;
  const area = box.querySelector("textarea");
  if (number === 2 && !last.querySelector("[name=name]").value) {
    last.querySelector("label").textContent = "Article 1";
  }
  for (const each of [...texts(), area]) each.rows = 8;
  area.id = `text-${number}`;
  area.value = "";
  box.querySelector("[name=name]").value = "";
  box.querySelector("label").htmlFor = area.id;
  box.querySelector("label").textContent = `Article ${number}`;
  boxes.append(box);
  showFault();
  area.focus();
}

document.documentElement.classList.add("drops");
document.addEventListener("dragover", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  document.documentElement.classList.add("dropping");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.documentElement.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  document.documentElement.classList.remove("dropping");
  choose([...files.files, ...event.dataTransfer.files]);
});
files.addEventListener("change", showChosen);
boxes.addEventListener("input", showFault);
form.querySelector(".more").addEventListener("click", (event) => {
  if (texts().length >= mostArticles) return;
  event.preventDefault();
  addBox();
});
form.addEventListener("submit", (event) => {
  const empty = !files.files.length && !filled().length;
  status.textContent = empty ? "Paste an article, or choose a file." : fault() || "Reading …";
  if (empty || fault()) event.preventDefault();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    form.requestSubmit(form.querySelector(".lead"));
  }
});
window.addEventListener("pageshow", showChosen);
