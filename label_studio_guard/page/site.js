// Addresses of our site; the guard puts them in.
export const SITE = "SITE_URL";
export const QUEUE = `${SITE}/queue/`;
export const NEXT = `${SITE}/queue/next/`;
