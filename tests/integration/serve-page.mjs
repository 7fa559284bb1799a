// Uses the page of `sktuning serve` in headless Chromium: classifies, reads a CSV file, corrects, downloads, activates and rolls back, in light and dark, with
// the keyboard alone, and with axe-core. Screenshots go to the folder OUT. The exit code is 1 if something does not hold.
// Usage: npm install playwright-core axe-core (in any folder), then
//   NODE_PATH=FOLDER/node_modules node tests/integration/serve-page.mjs TOOL OUT [CHROMIUM]
import { execFileSync, spawn } from "node:child_process";
import { createRequire } from "node:module";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const require = createRequire(path.join(process.env.NODE_PATH ?? process.cwd(), "..", "x.js"));
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [tool, out, browserPath = "/usr/bin/chromium"] = process.argv.slice(2);
const command = tool.endsWith(".dll") ? ["dotnet", tool] : [tool];
const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..", "..");
const work = fs.mkdtempSync(path.join(os.tmpdir(), "serve-page-"));
const key = "admin-0123456789abcdef";
let faults = 0;
const check = (holds, what) => { console.log((holds ? "ok    " : "FAULT ") + what); if (!holds) faults++; };

const support = path.join(root, "assets", "data", "support");
const train = (to, ...more) => execFileSync(command[0], [...command.slice(1), "train", "--train", path.join(support, "train.tsv"), "--dev", path.join(support, "dev.tsv"),
  "--prompt", "Classify the topic of the customer's message:", "--out", to, "--device", "cpu", ...more], { stdio: "ignore" });
train(path.join(work, "adapters", "topics", "1"), "--method", "lora", "--epochs", "1", "--limit", "64");
train(path.join(work, "adapters", "topics", "2"), "--method", "probe", "--epochs", "3");

const rows = fs.readFileSync(path.join(support, "test.tsv"), "utf8").trim().split("\n").slice(1, 121).map(l => l.split("\t"));
const header = fs.readFileSync(path.join(support, "test.tsv"), "utf8").split("\n")[0].split("\t");
const [textAt, labelAt] = [header.indexOf("text"), header.indexOf("label")];
const csv = path.join(work, "messages.csv");
fs.writeFileSync(csv, "text,label\r\n" + rows.map(r => `"${r[textAt].replaceAll('"', '""')}",${r[labelAt]}`).join("\r\n")
  + "\r\n\"<img src=x onerror=document.title='broken'>\n\"\"quoted\"\"\",complaint\r\n");

const server = spawn(command[0], [...command.slice(1), "serve", "--adapters", path.join(work, "adapters"), "--urls", "http://127.0.0.1:0", "--device", "cpu"],
  { env: { ...process.env, SKTUNING_ADMIN_KEYS: key }, stdio: ["ignore", "pipe", "inherit"] });
const url = await new Promise(found => server.stdout.on("data", d => { const m = /http:\S+/.exec(d); if (m) found(m[0]); }));
for (;;) { if ((await fetch(url + "/health/ready")).ok) break; await new Promise(r => setTimeout(r, 100)); }

const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, acceptDownloads: true });
const page = await context.newPage();
const complaints = [], elsewhere = [];
page.on("console", m => { if (m.type() === "error" && !m.text().includes("401")) complaints.push(m.text()); });
page.on("pageerror", e => complaints.push(e.message));
page.on("request", r => { if (!r.url().startsWith(url) && !r.url().startsWith("data:") && !r.url().startsWith("blob:")) elsewhere.push(r.url()); });

async function accessible(name) {
  // The page's policy forbids scripts of others; the debugger's evaluate is not one.
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document));
  for (const v of found.violations) console.log(`  axe, ${v.impact}: ${v.id}: ${v.help}: ${v.nodes.map(n => n.target).slice(0, 3).join(" ")}`);
  check(found.violations.length === 0, `axe-core finds nothing: ${name} (${found.passes.length} rules pass)`);
}

await page.goto(url);
await page.waitForSelector("#key-section:not([hidden])");
await accessible("without a key");
// With the keyboard alone: to the key, through the form, to the text, and Ctrl+Enter.
await page.keyboard.press("Tab");
check(await page.evaluate(() => document.activeElement.className) === "skip", "the first stop of the keyboard is the link that skips to the content");
await page.keyboard.press("Enter");
await page.keyboard.press("Tab");
check(await page.evaluate(() => document.activeElement.id) === "key", "the next stop is the key");
await page.keyboard.type(key);
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.getElementById("adapter").value === "topics");
check(await page.isHidden("#key-section"), "a key that is accepted is not asked for again");
check((await page.textContent("#about")).includes("Classify the topic"), "the prompt of the adapter is shown");
for (let i = 0; i < 12 && await page.evaluate(() => document.activeElement.id) !== "text"; i++) await page.keyboard.press("Tab");
check(await page.evaluate(() => document.activeElement.id) === "text", "the keyboard reaches the text");
await page.keyboard.type("I was charged twice for one order");
await page.keyboard.press("Control+Enter");
await page.waitForSelector("#answer .scores li");
const own = JSON.parse(execFileSync(command[0], [...command.slice(1), "predict", "--adapter", path.join(work, "adapters", "topics", "2"), "--device", "cpu", "--json",
  "I was charged twice for one order"], { encoding: "utf8" }));
check(await page.textContent("#answer .verdict") === own.label, `the label is that of sktuning predict: ${own.label}`);
check((await page.textContent("#answer .share")) === (100 * own.confidence).toFixed(1) + " %", "and so is its confidence");
await accessible("an answer");
await page.evaluate(() => scrollTo(0, 0));
await page.screenshot({ path: path.join(out, "serve-text.png") });

await page.selectOption("#correct", "complaint");
check((await page.textContent("#corrections")) === "1 correction.", "a corrected text is counted");
await page.setInputFiles("#file", csv);
await page.waitForSelector("#file-answer:not([hidden])");
check(/^121 rows\. \d+ of 121 with a label are right: /.test(await page.textContent("#summary")), "the file: " + await page.textContent("#summary"));
check(await page.locator("#matrix tbody tr").count() === 8, "the confusion matrix has a line for each label");
const counted = await page.$$eval("#matrix tbody td", cells => cells.map(c => /^\d+$/.test(c.textContent) ? Number(c.textContent) : 0).reduce((a, b) => a + b, 0));
check(counted === 121, "and each row once");
await page.selectOption("#only", "unsure");
await page.locator("#rows select").first().selectOption("returns");
check((await page.textContent("#corrections")) === "2 corrections.", "a corrected row is counted");
check(await page.title() !== "broken" && await page.locator("#rows img, #answer img").count() === 0, "a text with markup stays a text");
await accessible("the results of a file");
await page.locator("#file-heading").scrollIntoViewIfNeeded();
await page.evaluate(() => document.getElementById("file-heading").scrollIntoView());
await page.screenshot({ path: path.join(out, "serve-file.png") });
const [downloaded] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
const saved = path.join(work, "corrections.csv");
await downloaded.saveAs(saved);
const lines = fs.readFileSync(saved, "utf8").trim().split("\r\n");
check(lines[0] === "text,label" && lines[1] === '"I was charged twice for one order","complaint"' && lines.length === 3, "the downloaded rows: " + JSON.stringify(lines));
execFileSync(command[0], [...command.slice(1), "data", "inspect", saved], { stdio: "ignore" });
check(true, "sktuning data inspect reads them");
await page.focus("#send");
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.getElementById("corrections").textContent === "2 corrections, sent to the server.");
check(await page.evaluate(() => document.activeElement.id) === "send", "the keyboard sends them, and stays at the button");
const kept = fs.readFileSync(path.join(work, "adapters", "topics", "corrections.jsonl"), "utf8").trim().split("\n").map(l => JSON.parse(l));
check(kept.length === 2 && kept[0].text === "I was charged twice for one order" && kept[0].label === "complaint" && kept[0].predicted === own.label
  && kept[0].version === 2 && kept[1].label === "returns", "the server keeps them: " + JSON.stringify(kept[0]));
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.getElementById("status").textContent === "All corrections were sent before.");
execFileSync(command[0], [...command.slice(1), "data", "inspect", path.join(work, "adapters", "topics", "corrections.jsonl")], { stdio: "ignore" });
check(true, "none is sent twice, and sktuning data inspect reads the file");
await accessible("corrections that were sent");

await page.click("summary");
await page.click("text=Activate version 1");
await page.waitForFunction(() => document.getElementById("status").textContent.startsWith("Version 1 of topics"));
await accessible("the versions");
await page.click("#roll-back");
await page.waitForFunction(() => document.getElementById("status").textContent.startsWith("Version 2 of topics"));
check(true, "a version is activated, and rolled back");

await page.emulateMedia({ colorScheme: "dark" });
await page.evaluate(() => scrollTo(0, 0));
await accessible("dark");
await page.screenshot({ path: path.join(out, "serve-dark.png") });
await page.setViewportSize({ width: 360, height: 700 });
const wide = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth ? []
  : [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest(".scroll")).map(e => e.id || e.tagName));
check(wide.length === 0, "a narrow window needs no scrolling to the side " + wide.slice(0, 5).join(" "));
await accessible("narrow");
await page.emulateMedia({ colorScheme: "light", forcedColors: "active" });
check(complaints.length === 0, "the console has no errors " + complaints.join("; "));
check(elsewhere.length === 0, "nothing was requested from elsewhere " + elsewhere.join("; "));
await browser.close();
server.kill("SIGTERM");
const code = await new Promise(done => server.on("exit", done));
check(code === 0, "SIGTERM ends the server with 0");
fs.rmSync(work, { recursive: true });
console.log(faults === 0 ? "no faults" : faults + " faults");
process.exit(faults === 0 ? 0 : 1);
