"use strict";
// The page of the server. Whatever comes from a text, a file or the server is put into the page with textContent only.

const $ = id => document.getElementById(id);
const pageRows = 50, batchTexts = 64, maxFileBytes = 20 << 20, maxRows = 20000;
const state = { key: "", adapters: [], rows: [], shown: [], first: 0, corrections: new Map(), isSending: false, run: null };

// ---- requests

async function call(method, path, body) {
  const headers = {};
  if (state.key) headers.Authorization = "Bearer " + state.key;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  for (let tries = 1; ; tries++) {
    const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    if ((answer.status === 503 || answer.status === 429) && tries < 8) {
      await new Promise(resume => setTimeout(resume, 500 * tries));
      continue;
    }
    if (answer.status === 401) $("key-section").hidden = false;
    let detail = answer.status + " " + answer.statusText;
    try { detail = (await answer.json()).detail || detail; } catch { /* not JSON: the status is all there is */ }
    throw new Error(detail);
  }
}

function report(text) { $("status").textContent = text; }

function fail(error) {
  $("problem").textContent = error instanceof TypeError ? "The server cannot be reached." : error.message;
  $("problem").hidden = false;
}

function guarded(action) {
  return async event => {
    if (event) event.preventDefault();
    $("problem").hidden = true;
    try { await action(event); } catch (error) { fail(error); }
  };
}

// ---- elements

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

const percent = share => (100 * share).toFixed(1) + " %";

// ---- the adapter

const current = () => state.adapters.find(a => a.name === $("adapter").value);
const choosesOne = adapter => adapter.task === "single-label" || adapter.task === "ordinal";

async function loadAdapters(keep) {
  const list = await call("GET", "v1/adapters");
  state.adapters = list.adapters;
  const chosen = keep || $("adapter").value;
  $("adapter").replaceChildren(...state.adapters.map(a => {
    const option = element("option", a.version === null || a.error ? a.name + " (not served)" : a.name);
    option.value = a.name;
    return option;
  }));
  if (state.adapters.some(a => a.name === chosen)) $("adapter").value = chosen;
  report(state.adapters.length === 0 ? "There are no adapters yet. Upload one: see the description of the API." : "");
  showAdapter();
}

function showAdapter() {
  const adapter = current();
  $("about").replaceChildren();
  $("versions").replaceChildren();
  $("roll-back").disabled = !adapter;
  if (!adapter) return;
  const facts = [["Version", adapter.version === null ? "none is active" : adapter.version], ["Task", adapter.task], ["Method", adapter.method],
    ["Prompt", adapter.prompt], ["Labels", adapter.labels && adapter.labels.join(", ")], ["Error", adapter.error]];
  for (const [name, value] of facts)
    if (value !== undefined && value !== null) $("about").append(element("dt", name), element("dd", value));
  $("second").hidden = !adapter.readsPairs;
  for (const version of adapter.versions.slice().reverse()) {
    const row = element("tr");
    row.append(element("th", version.version), element("td", version.created.replace("T", " ").replace("Z", " UTC")),
      element("td", (version.bytes / 1024).toFixed(0) + " KB", "number"));
    row.firstChild.scope = "row";
    const use = element("td");
    if (version.version === adapter.version) use.textContent = "active";
    else {
      const button = element("button", "Activate version " + version.version);
      button.type = "button";
      button.addEventListener("click", guarded(() => change("activate", { version: version.version })));
      use.append(button);
    }
    row.append(use);
    $("versions").append(row);
  }
}

async function change(action, body) {
  const adapter = current();
  const changed = await call("POST", "v1/adapters/" + adapter.name + "/" + action, body);
  await loadAdapters(adapter.name);
  report("Version " + changed.version + " of " + changed.name + " is active.");
}

// ---- predictions

function answerOf(prediction) {
  if (prediction.error) return "";
  if (prediction.label !== undefined) return prediction.label;
  if (prediction.labels) return prediction.labels.join("|");
  if (prediction.value !== undefined) return String(Number(prediction.value.toPrecision(6)));
  return (prediction.tags || []).join(" ");
}

function confidenceOf(prediction) {
  if (prediction.confidence !== undefined) return prediction.confidence;
  const all = prediction.scores ? Object.values(prediction.scores) : prediction.confidences || [];
  // Of several labels, the least certain decision counts.
  return all.length === 0 ? null : Math.min(...all.map(p => Math.max(p, 1 - p)));
}

function showScores(prediction, into) {
  const scores = Object.entries(prediction.scores || {}).sort((a, b) => b[1] - a[1]);
  if (scores.length === 0) return;
  const list = element("ul", null, "scores");
  list.setAttribute("aria-label", "Probability of each label");
  const best = prediction.labels || [prediction.label];
  for (const [label, score] of scores.slice(0, 30)) {
    const item = element("li"), bar = element("span", null, "bar"), fill = element("span", null, "fill");
    fill.style.width = 100 * Math.min(Math.max(score, 0), 1) + "%";
    bar.setAttribute("aria-hidden", "true");
    bar.append(fill);
    item.append(element("span", label, best.includes(label) ? "name best" : "name"), bar, element("span", percent(score), "share"));
    list.append(item);
  }
  into.append(list);
  if (scores.length > 30) into.append(element("p", "and " + (scores.length - 30) + " more labels", "hint"));
}

function showAnswer(adapter, row) {
  const into = $("answer"), prediction = row.prediction;
  into.replaceChildren();
  if (prediction.error) {
    into.append(element("p", prediction.error, "problem"));
    return;
  }
  const verdict = element("p", answerOf(prediction) || "no label", "verdict");
  if (prediction.outOfScope) verdict.append(" (out of scope)");
  if (prediction.outcome && prediction.outcome !== "answer")
    verdict.append(prediction.outcome === "ask" ? " (ask: " + prediction.possibleLabels.join(", ") + ")" : " (ask a person)");
  into.append(verdict);
  if (prediction.words) showWords(prediction, into);
  if (prediction.truncated) into.append(element("p", "The text is longer than the adapter reads: a part was left out.", "hint"));
  showScores(prediction, into);
  const editor = correction(adapter, row, "of the text");
  if (!editor) return;
  const line = element("div", null, "line"), label = element("label", "Correct label");
  editor.id = "correct";
  label.htmlFor = "correct";
  line.append(label, editor);
  into.append(line);
}

function showWords(prediction, into) {
  const words = element("p");
  prediction.words.forEach((word, i) => {
    const tag = prediction.tags[i];
    if (tag === "O") words.append(word + " ");
    else words.append(element("mark", word + " [" + tag + "]"), " ");
  });
  into.append(words);
}

// ---- corrections

function correction(adapter, row, what) {
  if (adapter.task === "tokens" || row.prediction.error) return null;
  let editor;
  if (choosesOne(adapter)) {
    editor = element("select");
    editor.append(...["", ...adapter.labels].map(l => {
      const option = element("option", l === "" ? "as predicted" : l);
      option.value = l;
      return option;
    }));
  } else {
    editor = element("input");
    editor.type = adapter.task === "regression" ? "number" : "text";
    if (editor.type === "number") editor.step = "any";
    editor.placeholder = adapter.task === "regression" ? "a number" : "labels, separated by |";
  }
  editor.setAttribute("aria-label", "Correct label " + what);
  editor.value = row.correct || "";
  editor.addEventListener("change", () => {
    row.correct = editor.value.trim();
    const key = JSON.stringify([adapter.name, row.text, row.text2 || null]);
    if (row.correct) state.corrections.set(key, { adapter, row, text: row.text, text2: row.text2, label: row.correct, isSent: false });
    else state.corrections.delete(key);
    showCorrections();
    if (state.rows.includes(row)) showSummary();
  });
  return editor;
}

function showCorrections() {
  const count = state.corrections.size, sent = [...state.corrections.values()].filter(c => c.isSent).length;
  const counted = count === 0 ? "No corrections yet" : count === 1 ? "1 correction" : count + " corrections";
  $("corrections").textContent = counted + (sent === 0 ? "." : sent === count ? ", sent to the server." : ", " + sent + " sent to the server.");
  for (const id of ["download", "send"]) $(id).disabled = count === 0;
}

function rightAnswer(correction) {
  if (choosesOne(correction.adapter)) return { label: correction.label };
  if (correction.adapter.task === "regression") return { value: Number(correction.label) };
  return { labels: correction.label.split("|").map(l => l.trim()).filter(l => l !== "") };
}

async function send() {
  if (state.isSending) return;
  state.isSending = true;
  const waiting = [...state.corrections.values()].filter(c => !c.isSent);
  if (waiting.length === 0) report("All corrections were sent before.");
  try {
    for (const correction of waiting) {
      const { prediction, version } = correction.row;
      const body = { text: correction.text, ...rightAnswer(correction), predicted: prediction.label ?? prediction.labels ?? prediction.value, version };
      if (correction.adapter.readsPairs) body.text2 = correction.text2;
      await call("POST", "v1/adapters/" + correction.adapter.name + "/corrections", body);
      correction.isSent = true;
    }
  } finally {
    state.isSending = false;
    showCorrections();
  }
}

function download() {
  const rows = [...state.corrections.values()], pairs = rows.some(r => r.text2);
  const quote = text => "\"" + (text || "").replaceAll("\"", "\"\"") + "\"";
  const lines = [pairs ? "text,text2,label" : "text,label",
    ...rows.map(r => (pairs ? [r.text, r.text2, r.label] : [r.text, r.label]).map(quote).join(","))];
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
  link.download = "corrections.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// ---- files

function parse(content) {
  const start = content.replace(/^\uFEFF/, "");
  const header = start.slice(0, (start.search(/[\r\n]/) + 1 || start.length + 1) - 1);
  const separator = ["\t", ";", ","].reduce((best, s) => header.split(s).length > header.split(best).length ? s : best, ",");
  const table = [];
  let row = [], field = "", quoted = false;
  for (let i = 0; i < start.length; i++) {
    const c = start[i];
    if (quoted) {
      if (c !== "\"") field += c;
      else if (start[i + 1] === "\"") { field += c; i++; }
      else quoted = false;
    } else if (c === "\"" && field === "" && separator !== "\t") quoted = true;
    else if (c === separator) { row.push(field); field = ""; }
    else if (c === "\n" || c === "\r") {
      if (c === "\r" && start[i + 1] === "\n") i++;
      row.push(field);
      table.push(row);
      [row, field] = [[], ""];
    } else field += c;
  }
  if (field !== "" || row.length > 0) { row.push(field); table.push(row); }
  return table.filter(r => r.length > 1 || r[0] !== "");
}

function readRows(content) {
  const table = parse(content);
  const names = (table[0] || []).map(n => n.trim().toLowerCase());
  const find = (...known) => names.findIndex(n => known.includes(n));
  const text = find("text", "text1", "sentence", "sentence1"), second = find("text2", "sentence2"), label = find("label", "labels");
  if (text < 0) throw new Error("The first line of the file has no column text.");
  const rows = table.slice(1).map((r, i) => ({
    number: i + 1, text: r[text] || "", text2: second < 0 ? null : r[second] || "", label: label < 0 ? null : (r[label] || "").trim(),
  }));
  if (rows.length === 0) throw new Error("The file has no rows.");
  if (rows.length > maxRows) throw new Error("The file has " + rows.length + " rows, expected at most " + maxRows + ". Use sktuning predict for more.");
  return rows;
}

async function classifyFile(file) {
  const adapter = current();
  if (!adapter) throw new Error("Choose an adapter first.");
  if (file.size > maxFileBytes) throw new Error("The file is larger than 20 MB. Use sktuning predict for it.");
  const rows = readRows(await file.text());
  if (adapter.readsPairs && rows[0].text2 === null) throw new Error("The adapter reads pairs: the file has no column text2.");
  const run = state.run = { stopped: false };
  [state.rows, state.shown, state.first, state.adapter] = [[], [], 0, adapter];
  $("file-answer").hidden = true;
  $("run").hidden = false;
  $("progress").max = rows.length;
  report("Classifying " + rows.length + " rows…");
  try {
    for (let at = 0; at < rows.length && !run.stopped; at += batchTexts) {
      const batch = rows.slice(at, at + batchTexts);
      const body = { adapter: adapter.name };
      if (adapter.readsPairs) body.pairs = batch.map(r => [r.text, r.text2]);
      else body.texts = batch.map(r => r.text);
      const answer = await call("POST", "v1/classify", body);
      if (state.run !== run) return;
      batch.forEach((r, i) => { [r.prediction, r.version] = [answer.predictions[i], answer.version]; });
      state.rows.push(...batch);
      $("progress").value = state.rows.length;
    }
  } finally { if (state.run === run) $("run").hidden = true; }
  report(state.rows.length + " of " + rows.length + " rows are classified.");
  $("file-answer").hidden = false;
  showSummary();
  arrange();
}

const truthOf = row => row.correct || row.label;

function showSummary() {
  const labelled = state.rows.filter(r => truthOf(r) && !r.prediction.error), errors = state.rows.filter(r => r.prediction.error).length;
  let text = state.rows.length + " rows.";
  if (errors > 0) text += " " + errors + " cannot be read.";
  const measures = labelled.length > 0 && (choosesOne(state.adapter) || state.adapter.task === "multi-label");
  if (measures) {
    const right = labelled.filter(r => answerOf(r.prediction) === truthOf(r)).length;
    text += " " + right + " of " + labelled.length + " with a label are right: " + percent(right / labelled.length) + ".";
  }
  $("summary").textContent = text;
  $("matrix-part").hidden = !(measures && choosesOne(state.adapter));
  if (!$("matrix-part").hidden) showMatrix(labelled);
}

function showMatrix(rows) {
  const known = state.adapter.labels, others = [...new Set(rows.map(truthOf).filter(l => !known.includes(l)))].sort();
  const counts = new Map();
  for (const row of rows) {
    const key = JSON.stringify([truthOf(row), answerOf(row.prediction)]);
    counts.set(key, (counts.get(key) || 0) + 1);
  }
  const header = element("tr");
  header.append(element("th", "Label \\ predicted"), ...known.map(l => element("th", l, "number")), element("th", "Found", "number"));
  for (const cell of header.children) cell.scope = "col";
  const head = element("thead"), body = element("tbody");
  head.append(header);
  for (const truth of [...known, ...others]) {
    const row = element("tr"), name = element("th", truth);
    name.scope = "row";
    row.append(name);
    let [all, right] = [0, 0];
    for (const predicted of known) {
      const count = counts.get(JSON.stringify([truth, predicted])) || 0;
      all += count;
      if (truth === predicted) right = count;
      row.append(element("td", count, "number" + (count === 0 ? "" : truth === predicted ? " right" : " wrong")));
    }
    row.append(element("td", all === 0 ? "" : percent(right / all), "number"));
    body.append(row);
  }
  $("matrix").replaceChildren(element("caption", "Confusion matrix: rows are the labels of the file, columns what was predicted"), head, body);
}

function arrange() {
  const only = $("only").value;
  state.shown = state.rows.slice();
  if (only === "wrong") state.shown = state.shown.filter(r => r.prediction.error || (truthOf(r) && answerOf(r.prediction) !== truthOf(r)));
  if (only === "unsure") state.shown.sort((a, b) => (confidenceOf(a.prediction) ?? -1) - (confidenceOf(b.prediction) ?? -1));
  state.first = 0;
  showRows();
}

function showRows() {
  const rows = state.shown.slice(state.first, state.first + pageRows);
  $("rows").replaceChildren(...rows.map(row => {
    const line = element("tr"), number = element("th", row.number), predicted = element("td", row.prediction.error || answerOf(row.prediction));
    number.scope = "row";
    if (row.label) predicted.className = answerOf(row.prediction) === row.label ? "right" : "wrong";
    const confidence = confidenceOf(row.prediction), correct = element("td");
    const editor = correction(state.adapter, row, "of row " + row.number);
    if (editor) correct.append(editor);
    line.append(number, element("td", row.text2 === null ? row.text : row.text + "\n" + row.text2, "words"), element("td", row.label || ""), predicted,
      element("td", confidence === null ? "" : percent(confidence), "number"), correct);
    return line;
  }));
  $("place").textContent = rows.length === 0 ? "No rows." : (state.first + 1) + " to " + (state.first + rows.length) + " of " + state.shown.length;
  $("previous").disabled = state.first === 0;
  $("next").disabled = state.first + pageRows >= state.shown.length;
}

// ---- events

$("key-form").addEventListener("submit", guarded(async () => {
  state.key = $("key").value.trim();
  await loadAdapters();
  $("key").value = "";
  $("key-section").hidden = true;
}));
$("adapter").addEventListener("change", () => { $("answer").replaceChildren(); showAdapter(); });
$("roll-back").addEventListener("click", guarded(() => change("rollback")));
$("text-form").addEventListener("submit", guarded(async () => {
  const adapter = current();
  if (!adapter) throw new Error("Choose an adapter first.");
  const row = { text: $("text").value, text2: adapter.readsPairs ? $("text2").value : null };
  const body = { adapter: adapter.name };
  if (adapter.readsPairs) body.pairs = [[row.text, row.text2]];
  else body.text = row.text;
  const answer = await call("POST", "v1/classify", body);
  [row.prediction, row.version] = [answer.predictions[0], answer.version];
  showAnswer(adapter, row);
}));
for (const id of ["text", "text2"]) {
  document.getElementById(id).addEventListener("keydown", event => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("text-form").requestSubmit();
  });
}
$("file").addEventListener("change", guarded(async () => {
  const [file] = $("file").files;
  if (file) await classifyFile(file);
}));
for (const name of ["dragenter", "dragover"])
  $("drop").addEventListener(name, event => { event.preventDefault(); $("drop").classList.add("over"); });
$("drop").addEventListener("dragleave", () => $("drop").classList.remove("over"));
$("drop").addEventListener("drop", guarded(async event => {
  $("drop").classList.remove("over");
  const [file] = event.dataTransfer.files;
  if (file) await classifyFile(file);
}));
$("stop").addEventListener("click", () => { if (state.run) state.run.stopped = true; });
$("only").addEventListener("change", arrange);
$("previous").addEventListener("click", () => { state.first = Math.max(0, state.first - pageRows); showRows(); });
$("next").addEventListener("click", () => { state.first += pageRows; showRows(); });
$("download").addEventListener("click", download);
$("send").addEventListener("click", guarded(send));
guarded(() => loadAdapters())();
