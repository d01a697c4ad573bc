// @ts-check
/** Lists that come in pages. */

/**
 * Return a page, or the first behind it that has anything, or else the last: a search looks at so many records a page.
 * @template {{data: any[], next: string | null}} P
 * @param {(path: string) => Promise<P>} ask
 * @param {string} path
 */
export async function firstFilled(ask, path) {
  let page = await ask(path);
  while (page.next && page.data.length === 0) page = await ask(page.next);
  return page;
}
