/** How the two ends of a link speak of each other: the outward end "is duplicated by" the inward one. */
export const LINK_TYPES: Readonly<Record<string, { readonly inward: string; readonly outward: string }>> = {
  Duplicate: { inward: 'is duplicated by', outward: 'duplicates' },
  Relates: { inward: 'relates to', outward: 'relates to' },
  Blocks: { inward: 'is blocked by', outward: 'blocks' },
  Cloners: { inward: 'is cloned by', outward: 'clones' },
};
