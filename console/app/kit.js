// @ts-check
/** Everything that pages are made of: see console/README.md. */
export { Again } from "./kit/again.js";
export { Button, ButtonLink, CopyButton } from "./kit/button.js";
export { Confirm, Dialog } from "./kit/dialog.js";
export { Diff, Value } from "./kit/diff.js";
export { AreaField, CheckField, DraftNote, Field, Filters, Form, RadioField, SelectField, TextField } from "./kit/form.js";
export { Icon } from "./kit/icons.js";
export { useLanding, useWindowName } from "./kit/landing.js";
export { announce, Banner, Help, ProblemBanner, toast, useHelp } from "./kit/notice.js";
export { Card, Empty, Facts, Figure, Loaded, Page, Section, Skeleton } from "./kit/page.js";
export { BarChart, Progress, Shares } from "./kit/progress.js";
export { kindOf, LiveRun, phaseOf, RunProgress } from "./kit/run.js";
export { Stale, useLatest } from "./kit/stale.js";
export { Status, toneOf } from "./kit/status.js";
export { DataTable, Listed, ListTable, Pager } from "./kit/table.js";
export { Tabs } from "./kit/tabs.js";
export { Time, useNow } from "./kit/time.js";
