// @ts-check
/** Shows every component of the kit, for the tests to look at; `base` is the folder of the console's modules. */
async (/** @type {string} */ base) => {
  const kit = await import(`${base}kit.js`);
  const { html, render, useState } = await import(`${base}preact.js`);
  const { Problem } = await import(`${base}problem.js`);
  const { useDraft } = await import(`${base}hooks.js`);
  const { Button, Banner, Card, CheckField, Confirm, CopyButton, DataTable, Diff, DraftNote, Empty, Facts, Figure } = kit;
  const { Filters, Form, Page, Pager, ProblemBanner, Progress, RadioField, Section, SelectField, Shares, Skeleton, Status } = kit;
  const { Tabs, TextField, Time, AreaField, BarChart, toast } = kit;
  const problem = new Problem({
    status: 422,
    code: "INVALID",
    title: "The members sent are not acceptable",
    detail: "One of the members sent is not acceptable",
    errors: [{ pointer: "/name", code: "MISSING", detail: "This member is needed." }],
    traceId: "0af7651916cd43dd8448eb211c80319c",
  });
  const rows = [
    { id: "1", name: "London Postmaster", state: "synced", count: 1200, at: new Date(Date.now() - 90_000).toISOString() },
    { id: "2", name: "AR Day Property Management with quite a long name", state: "error", count: 3, at: null },
  ];
  const columns = [
    { name: "Name", main: true, wide: true, show: (row) => row.name },
    { name: "State", show: (row) => html`<${Status} state=${row.state} />` },
    { name: "Records", align: "end", show: (row) => row.count },
    { name: "When", show: (row) => html`<${Time} at=${row.at} />` },
  ];
  const states = ["active", "paused", "setup_required", "broken", "running", "failed", "partial", "conflict", "draft"];
  const options = [
    { value: "two_way", name: "Two-way", help: "Changes travel both ways." },
    { value: "once", name: "Sync once", help: "Only when the contract is made." },
    { value: "no", name: "Greyed", help: "Lookups cannot be written back.", disabled: true },
  ];

  function Gallery() {
    const draft = useDraft("gallery", { name: "" });
    const [asking, setAsking] = useState(false);
    const name = (text) => draft.set((now) => ({ ...now, name: text }));
    return html`<main class="main">
      <${Page} title="Gallery" lead="Everything that pages are made of." badge=${html`<${Status} state="active" />`} actions=${html`<${Button} kind="primary" onClick=${() => setAsking(true)}>Ask</${Button}>`}>
        <${Tabs} label="Parts" current="a" tabs=${[{ id: "a", name: "First", href: "#/a" }, { id: "b", name: "Second", href: "#/b", count: 3 }]} />
        <${Section} title="States">
          <p>${states.map((state) => html`<${Status} state=${state} /> `)}</p>
          <${Banner} tone="ok" title="Done">All records are in step.</${Banner}>
          <${Banner} tone="warn" title="Careful" actions=${html`<${Button} small>Look</${Button}>`} />
          <${Banner} title="By the way" />
          <${ProblemBanner} problem=${problem} actions=${html`<${Button} small>Try again</${Button}>`} />
        </${Section}>
        <${Section} title="Values">
          <${Card}><${Facts} columns facts=${[["Name", "CRONUS"], ["Id", html`<code>int_1</code> <${CopyButton} text="int_1" />`]]} /></${Card}>
          <${Card}><dl class="figures"><${Figure} name="Suppliers" value="66" note="+2" /><${Figure} name="Failed" value="4" tone="bad" /></dl>
            <${Shares} label="Records" parts=${[{ name: "in step", value: 60, tone: "ok" }, { name: "failed", value: 6, tone: "bad" }]} />
            <${BarChart} label="Runs" bars=${[{ value: 3, tone: "ok", title: "a" }, { value: 9, tone: "warn", title: "b" }]} />
            <${Progress} label="Full" value=${30} of=${60} text="30 of 60" /></${Card}>
          <${Diff} caption="Changes" rows=${[{ name: "Name", before: "Old", after: "New" }, { name: "City", before: null, after: "Paris" }, { name: "Country", before: "GB", after: "GB" }]} />
        </${Section}>
        <${Section} title="Lists">
          <${Filters} onClear=${() => undefined}>
            <${TextField} label="Search" value="" set=${() => undefined} />
            <${SelectField} label="State" value="all" set=${() => undefined} options=${[{ value: "all", name: "All" }]} />
          </${Filters}>
          <${DataTable} caption="Records" columns=${columns} rows=${rows} />
          <${Pager} list=${{ page: 2, next: () => undefined, previous: () => undefined }} />
          <${Empty} title="Nothing matches">Try other filters.</${Empty}>
          <${Skeleton} />
        </${Section}>
        <${Section} title="Form">
          <${DraftNote} draft=${draft} />
          <${Form} send=${() => toast("Saved")} problem=${problem} actions=${html`<${Button} submit kind="primary">Save</${Button}><${Button} busy>Busy</${Button}><${Button} kind="danger">Delete</${Button}>`}>
            <${TextField} label="Name" required help="As people know it." value=${draft.value.name} set=${name} pointer="/name" problem=${problem} />
            <${AreaField} label="Filter" value="" set=${() => undefined} />
            <${CheckField} label="Products, too" help="Lines become products." value=${true} set=${() => undefined} />
            <${RadioField} label="Direction" value="two_way" set=${() => undefined} options=${options} />
          </${Form}>
        </${Section}>
      </${Page}>
      ${asking && html`<${Confirm} title="Delete it?" verb="Delete" onClose=${() => setAsking(false)} submit=${{ run: () => setAsking(false), busy: false, problem: null }}><p>It is gone then.</p></${Confirm}>`}
    </main>`;
  }
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  root.replaceChildren();
  render(html`<${Gallery} />`, root);
};
