// @ts-check
/**
 * Every word that the console shows, by page. `{name}` is filled in; a word with `one` and `other` is chosen by `{count}`.
 * Each page has a group of its own; `kit` and `shell` belong to all.
 */
export const words = {
  shell: {
    product: "Dynamics Sync Hub",
    skip: "Skip to the content",
    menu: "Menu",
    navigation: "Main",
    overview: "Overview",
    integrations: "Integrations",
    noIntegrations: "None yet",
    allIntegrations: "All integrations",
    theme: "Theme",
    themeSystem: "System",
    themeLight: "Light",
    themeDark: "Dark",
    signOut: "Sign out",
    yours: "Your settings",
    authorized: "The hub may now read Business Central.",
    account: "Signed in as {name}",
    lost: "There is no such page",
    lostDetail: "The address leads nowhere in this console.",
    toOverview: "Go to the overview",
    crashed: "This page stopped working",
    crashedDetail: "Nothing was sent. Load the page again; what you typed is kept.",
    updated: "The console was updated",
    updatedDetail: "Load it again to go on; what you typed is kept.",
    reload: "Load again",
  },
  signIn: {
    title: "Sign in",
    lead: "See what the hub does, mend what failed, and set up what it syncs.",
    button: "Sign in",
    failed: "You are not signed in",
    stranger: "This sign-in was not begun in this window, or it is over. Sign in again.",
    unfit: "The sign-in brought a token that does not fit ({what}). Sign in again.",
    notSetUp: "The console is not set up yet",
    notSetUpDetail: "Nobody can sign in until these app settings are there. Set them, then start the app again.",
    notReached: "The hub does not answer",
    notReachedDetail: "The console tries again by itself.",
    HUB_CONSOLE_CLIENT_ID: "the client id of the console's app registration (single-page application, redirect address {origin}/)",
    HUB_CONSOLE_AUTHORITY: "where people sign in, such as https://login.microsoftonline.com/<tenant>/v2.0",
    HUB_CONSOLE_SCOPE: "what a sign-in asks for, such as api://<hub>/.default",
  },
  session: {
    ended: "Your session has ended",
    endedDetail: "Sign in again to go on. What you typed is kept in this window.",
    again: "Sign in again",
  },
  problem: {
    network: "The hub does not answer",
    networkDetail: "It may be starting again, or the network is down.",
    retrying: "The hub does not answer. Trying again …",
    back: "The hub answers again.",
    cause: "Cause",
    fix: "What to do",
    trace: "Trace",
    again: "Try again",
    several: "{count} problems",
  },
  kit: {
    loading: "Loading …",
    loadFailed: "This could not be loaded",
    required: "required",
    close: "Close",
    cancel: "Cancel",
    copy: "Copy",
    copied: "Copied",
    next: "Next",
    previous: "Previous",
    page: "Page {page}",
    pages: "Pages",
    refresh: "Refresh",
    empty: "Nothing here",
    never: "never",
    none: "–",
    yes: "yes",
    no: "no",
    before: "Before",
    after: "After",
    unchanged: "unchanged",
    blank: "blank",
    draft: "Your earlier input was kept.",
    discard: "Discard",
    filter: "Filter",
    clear: "Clear filters",
    more: "More",
    actions: "Actions",
    dismiss: "Dismiss",
  },
  time: {
    now: "just now",
    soon: "in a moment",
  },
  status: {
    active: "Active",
    paused: "Paused",
    setup_required: "Set-up needed",
    reauth_required: "Sign-in needed",
    broken: "Broken",
    ok: "Healthy",
    degraded: "Needs a look",
    failing: "Failing",
    unknown: "No run yet",
    queued: "Queued",
    running: "Running",
    succeeded: "Succeeded",
    partial: "Partial",
    failed: "Failed",
    cancelled: "Cancelled",
    pending: "Pending",
    synced: "In step",
    error: "Error",
    conflict: "Conflict",
    SUCCESS: "Success",
    PARTIAL: "Partial",
    ERROR: "Error",
    draft: "Draft",
    overdue: "Overdue",
    signed: "Signed",
    declined: "Declined",
    deleted: "Deleted",
    in_step: "In step",
    dynamics_changed: "Changed in Dynamics",
    oneflow_changed: "Changed in Oneflow",
    problem: "Problem",
    open: "Open",
    resolved: "Resolved",
    complete: "Complete",
    short: "Short",
    unproven: "Unproven",
  },
  kinds: {
    business_central: "Business Central → platform",
    oneflow: "Dynamics 365 Sales ↔ Oneflow",
    full: "Full",
    delta: "Delta",
    retry: "Retry",
    push: "Push",
    fetch: "Fetch",
    manual: "By hand",
    timer: "Schedule",
    webhook: "Notice",
    suppliers: "Suppliers",
    products: "Products",
    contracts: "Contracts",
  },
  tabs: {
    home: "Overview",
    connection: "Connection",
    history: "Sync History",
    records: "Records",
    conflicts: "Conflicts",
    config: "Sync Config",
    settings: "Oneflow Settings",
    contracts: "Contracts",
    webhooks: "Webhooks",
  },
  overview: {
    title: "Overview",
    lead: "What the hub keeps in step, and how it is doing.",
    empty: "Nothing is connected yet",
    emptyDetail: "Connect Business Central or Dynamics 365 Sales to begin.",
  },
};

/** Return the word for a key such as `overview.title`. @param {string} key @param {Record<string, any>} [facts] */
export function t(key, facts = {}) {
  const found = find(key);
  if (found === undefined) throw new Error(`no word for ${key}`);
  const text = typeof found === "string" ? found : Math.abs(facts.count) === 1 ? found.one : found.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => shown(facts[name]));
}

/** Return the word for a value of the API, the value itself when it has none. @param {string} group @param {string} value */
export function wordFor(group, value) {
  return /** @type {any} */ (words)[group]?.[value] ?? String(value ?? "");
}

/** @param {string} key @returns {any} */
function find(key) {
  const [group, name] = key.split(".");
  return /** @type {any} */ (words)[group]?.[name];
}

/** @param {any} value */
function shown(value) {
  return typeof value === "number" ? value.toLocaleString("en") : String(value ?? "");
}
