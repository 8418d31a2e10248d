// Drives a real browser through the pages, as a person would, and answers in JSON what it saw.
// Arguments: the address of the server, and the name of what is to be done.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const modules = process.env.BROWSER_MODULES;
const require = createRequire(join(modules, "x.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(join(modules, "axe-core", "axe.min.js"), "utf8");

const [url, scenario, ...rest] = process.argv.slice(2);
const input = rest.length ? JSON.parse(rest[0]) : {};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

// Requests that left this machine, and what pages complained about.
const away = [];
const complaints = [];

async function open(options = {}) {
  const context = await browser.newContext({ baseURL: url, acceptDownloads: true, ...options });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  page.on("request", (request) => {
    const target = request.url();
    if (!target.startsWith(url) && !target.startsWith("data:") && !target.startsWith("blob:")) away.push(target);
  });
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  return page;
}

async function signIn(page, user, password) {
  await page.goto("/sign-in");
  await page.getByRole("textbox", { name: "User" }).fill(user);
  await page.locator("input[name=password]").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((at) => !at.pathname.startsWith("/sign-in"));
}

// Presses Tab until what has the focus is what is looked for.
async function tabTo(page, what, presses = 80) {
  for (let press = 0; press < presses; press++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((what) => document.activeElement?.matches(what), what)) return press + 1;
  }
  throw new Error(`${what} is not reached with the keyboard`);
}

async function faults(page) {
  // The policy of the pages lets no script of others in; that of a test goes by the debugger.
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  });
  return found;
}

const scenarios = {
  // Signs in, is refused what is not theirs, and signs out again.
  async access({ user, password, theirs, not_theirs }) {
    const page = await open();
    await page.goto(theirs);
    const asked = new URL(page.url());
    await page.locator("input[name=user]").fill(user);
    await page.locator("input[name=password]").fill(password);
    await page.keyboard.press("Enter");
    await page.waitForURL((at) => at.pathname === theirs);
    const title = await page.locator("h1").innerText();
    const refused = await page.goto(not_theirs);
    const told = await page.locator("h1").innerText();
    const start = await page.goto("/");
    const begins = new URL(page.url()).pathname;
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL((at) => at.pathname === "/sign-in");
    const after = await page.goto(theirs);
    const back = new URL(page.url()).pathname;
    return { asked: asked.pathname, title, refused: refused.status(), told, begins, start: start.status(), after: after.status(), back };
  },

  // Searches a scanner and switches between windows, with or without scripts.
  async windows({ scanner, scripts }) {
    const page = await open({ javaScriptEnabled: scripts });
    await page.goto("/scanners");
    await page.locator("main input[name=search]").fill(scanner);
    await page.keyboard.press("Enter");
    await page.waitForURL((at) => at.searchParams.get("search") === scanner);
    await page.locator("main table a").first().click();
    await page.waitForURL((at) => at.pathname.startsWith("/scanners/"));
    const seen = {};
    for (const window of ["30d", "90d", "all"]) {
      await page.goto(`${new URL(page.url()).pathname}?window=${window}`);
      seen[window] = await page.locator("main").innerText();
    }
    return { at: new URL(page.url()).pathname, seen };
  },

  // Waits for a page to change without being loaded anew.
  async live({ path }) {
    const page = await open();
    await page.goto(path);
    await page.evaluate(() => { globalThis.stays = "the same page"; });
    const before = await page.locator("main").innerText();
    process.stdout.write("ready\n");
    await page.waitForFunction((before) => document.querySelector("main").innerText !== before, before);
    const same = await page.evaluate(() => globalThis.stays);
    return { same, after: await page.locator("main").innerText() };
  },

  // Does it all with the keyboard: the skip link, signing in, a page, the windows.
  async keyboard({ user, password }) {
    const page = await open();
    await page.goto("/sign-in");
    await page.keyboard.type(user);
    await tabTo(page, "input[name=password]");
    await page.keyboard.type(password);
    await tabTo(page, "main button[type=submit]");
    await page.keyboard.press("Enter");
    await page.waitForURL((at) => at.pathname === "/");
    await page.goto("/stores");
    await page.keyboard.press("Tab");
    const first = await page.evaluate(() => document.activeElement.className);
    await page.keyboard.press("Enter");
    await tabTo(page, "main table a");
    await page.keyboard.press("Enter");
    await page.waitForURL((at) => at.pathname.startsWith("/stores/"));
    return { first, at: new URL(page.url()).pathname };
  },

  // Retries and drops what was refused.
  async quarantine({ scripts }) {
    const page = await open({ javaScriptEnabled: scripts });
    await page.goto("/quarantine");
    const before = await page.locator("main tbody tr").count();
    await page.getByRole("button", { name: /^Retry/ }).first().click();
    await page.waitForURL((at) => at.pathname.startsWith("/quarantine"));
    await page.goto("/quarantine");
    const between = await page.locator("main tbody tr").count();
    await page.locator("input[name=reason]").first().fill("a test of the new till");
    await page.getByRole("button", { name: /^Drop/ }).first().click();
    await page.waitForURL((at) => at.pathname === "/quarantine");
    return { before, between, after: await page.locator("main").innerText() };
  },

  // Takes the days of the stores away, as a file.
  async download({ user, password }) {
    const page = await open();
    await signIn(page, user, password);
    await page.goto("/stores");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "XLSX" }).click()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()).toString("base64") };
  },

  // Grants a place and takes it away, sets a contract, makes a token and revokes it, and reads it all in the audit.
  async administers({ user, password, scripts, of }) {
    const page = await open({ javaScriptEnabled: scripts });
    await signIn(page, user, password);
    await page.goto("/users");
    await page.locator(`main table a[href="/users/${encodeURIComponent(of)}"]`).click();
    await page.waitForURL((at) => at.pathname.startsWith("/users/"));
    const places = () => page.locator("main ul.entries li > span").allInnerTexts();
    await page.locator("form.stacked input[name=organisation]").fill("acme/it");
    await page.getByRole("button", { name: "Grant a place" }).click();
    await page.getByRole("button", { name: "Take away acme/it" }).waitFor();
    const granted = await places();
    await page.getByRole("button", { name: "Take away acme/it" }).click();
    await page.getByRole("button", { name: "Take away acme/it" }).waitFor({ state: "detached" });
    const left = await places();
    await page.getByRole("button", { name: "Make a new password" }).click();
    const password_made = await page.locator(".notice code").innerText();

    await page.goto("/contracts");
    await page.locator("main input[name=organisation]").fill("acme/fr");
    await page.getByRole("checkbox", { name: "Download store-performance" }).uncheck();
    await page.getByRole("button", { name: "Set a contract" }).click();
    await page.getByRole("link", { name: "Change acme/fr" }).click();
    await page.waitForURL((at) => at.searchParams.get("change") === "acme/fr");
    const ticked = await page.getByRole("checkbox", { name: "Download store-performance" }).isChecked();
    const others = await page.getByRole("checkbox", { name: "Download network-kpi" }).isChecked();

    await page.goto("/tokens");
    await page.locator("#token").fill("till-9");
    await page.getByRole("checkbox", { name: "Send events and commands" }).check();
    await page.locator("main input[name=sources]").fill("till-9, till-10");
    await page.getByRole("button", { name: "Make a token" }).click();
    const secret = await page.locator(".notice code").innerText();
    await page.goto("/tokens");
    const listed = await page.locator("main").innerText();
    await page.getByRole("button", { name: "Revoke till-9" }).click();
    await page.getByRole("button", { name: "Revoke till-9" }).waitFor({ state: "detached" });

    await page.goto("/audit");
    await page.locator("main input[name=of]").fill("till-9");
    await page.getByRole("button", { name: "Show" }).click();
    await page.waitForURL((at) => at.searchParams.get("of") === "till-9");
    const audit = await page.locator("main tbody tr").allInnerTexts();
    return { granted, left, password_made, ticked, others, secret, listed, audit };
  },

  // Makes a token with the keyboard alone.
  async keyboard_administers({ user, password }) {
    const page = await open();
    await signIn(page, user, password);
    await tabTo(page, "nav a[href='/users']");
    await page.keyboard.press("Enter");
    await page.waitForURL((at) => at.pathname === "/users");
    await tabTo(page, "main nav a[href='/tokens']");
    await page.keyboard.press("Enter");
    await page.waitForURL((at) => at.pathname === "/tokens");
    await tabTo(page, "main input[name=token]");
    await page.keyboard.type("by-key");
    await tabTo(page, "main input[value=read]");
    await page.keyboard.press("Space");
    await tabTo(page, "main button[value=make]");
    await page.keyboard.press("Enter");
    await page.locator(".notice code").waitFor();
    return { secret: await page.locator(".notice code").innerText() };
  },

  // Follows the links at the end of a store's page, and reads what is there.
  async improving({ user, password, scripts, store }) {
    const page = await open({ javaScriptEnabled: scripts });
    await signIn(page, user, password);
    const read = {};
    for (const name of ["Satisfaction", "Action plans", "Challenges", "Closed months"]) {
      await page.goto(`/stores/${store}`);
      await page.locator("main ul.links").getByRole("link", { name }).click();
      await page.waitForURL((at) => at.searchParams.get("store") === store);
      read[name] = await page.locator("main").innerText();
    }
    return { read };
  },

  // Closes a month, and tries it again.
  async closes_a_month({ user, password, scripts, month }) {
    const page = await open({ javaScriptEnabled: scripts });
    await signIn(page, user, password);
    await page.goto("/closed-months");
    await page.locator("main input[name=month]").fill(month);
    await page.getByRole("button", { name: "Close a month" }).click();
    await page.locator(`#month-${month}`).waitFor();
    const months = await page.locator("main h2").allInnerTexts();
    await page.locator("main input[name=month]").fill(month);
    const [answer] = await Promise.all([
      page.waitForResponse((answer) => answer.request().method() === "POST"),
      page.getByRole("button", { name: "Close a month" }).click(),
    ]);
    return { months, again: answer.status() };
  },

  // Opens a plan and ends it, and launches a challenge.
  async improves({ user, password, scripts, store, title }) {
    const page = await open({ javaScriptEnabled: scripts });
    await signIn(page, user, password);
    await page.goto(`/action-plans?store=${store}`);
    const plan = page.locator('form[action="/action-plans"]');
    await plan.locator("input[name=title]").fill(title);
    await plan.locator("select[name=kind]").selectOption("layout");
    await plan.locator("select[name=kpi]").selectOption("turnover");
    await plan.locator("input[name=from]").fill("2026-11-20");
    await plan.getByRole("button").click();
    const card = page.locator("article.card", { has: page.getByRole("heading", { name: title }) });
    await card.waitFor();
    const opened = await card.innerText();
    await card.locator("summary").click();
    await card.locator("input[name=until]").fill("2026-11-22");
    await card.locator("textarea[name=conclusion]").fill("It helped.");
    await card.getByRole("button").click();
    await card.locator("dd", { hasText: "It helped." }).waitFor();
    const can_end = await card.locator("form").count();

    await page.goto(`/challenges?store=${store}`);
    const challenge = page.locator('form[action="/challenges"]');
    await challenge.locator("input[name=title]").fill(title);
    await challenge.locator("input[name=from]").fill("2026-11-20");
    await challenge.locator("input[name=until]").fill("2026-11-22");
    await challenge.getByRole("button").click();
    await page.waitForURL((at) => at.pathname.startsWith("/challenges/"));
    return { opened, can_end, launched: await page.locator("h1").innerText() };
  },

  // Finds a challenge with the keyboard alone.
  async keyboard_improving({ user, password }) {
    const page = await open();
    await signIn(page, user, password);
    await tabTo(page, ".banner nav a[href='/satisfaction']");
    await page.keyboard.press("Enter");
    await page.waitForURL((at) => at.pathname === "/satisfaction");
    await tabTo(page, "main nav a[href='/challenges']");
    await page.keyboard.press("Enter");
    await page.waitForURL((at) => at.pathname === "/challenges");
    await tabTo(page, "main a[href='/challenges/all']");
    await page.keyboard.press("Enter");
    await page.waitForURL((at) => at.pathname === "/challenges/all");
    return { at: new URL(page.url()).pathname, title: await page.locator("h1").innerText() };
  },

  // Takes pictures of pages into a directory.
  async pictures({ directory, pictures, user, password }) {
    const sizes = {};
    for (const { name, path, width, height, colorScheme } of pictures) {
      const page = await open({ colorScheme, viewport: { width, height } });
      if (user) await signIn(page, user, password);
      const answer = await page.goto(path);
      sizes[name] = [answer.status(), (await page.screenshot({ path: join(directory, `${name}.png`) })).length];
      await page.context().close();
    }
    return { sizes };
  },

  // Looks at every page for serious faults of accessibility, in both themes.
  async accessible({ paths, user, password }) {
    const found = {};
    for (const colorScheme of ["light", "dark"]) {
      const page = await open({ colorScheme });
      if (user) await signIn(page, user, password);
      for (const path of paths) {
        const answer = await page.goto(path);
        const on = await faults(page);
        if (answer.status() !== 200 || on.length) found[`${path} ${colorScheme}`] = [answer.status(), ...on];
      }
      await page.context().close();
    }
    return { found };
  },
};

try {
  const seen = await scenarios[scenario](input);
  process.stdout.write(`${JSON.stringify({ ...seen, away, complaints })}\n`);
} finally {
  await browser.close();
}
