/** A web address in the form that both vendors accept, or null where it is none. Only http and https make a link. */
export function webAddress(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { href, protocol } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}
