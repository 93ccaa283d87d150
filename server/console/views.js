// The views in the order of the navigation, and the right that each needs.
import { openAccounts } from "./accounts.js";
import { openBulk } from "./bulk.js";
import { openChanges } from "./changes.js";
import { openLookup } from "./lookup.js";
import { openTenants } from "./tenants.js";

export const VIEWS = [
  { name: "accounts", title: "Accounts", shows: (may) => may("ADMIN"), open: openAccounts },
  { name: "lookup", title: "Look up", shows: (may) => may("LOOKUP"), open: openLookup },
  { name: "bulk", title: "Bulk", shows: (may) => may("LOOKUP"), open: openBulk },
  { name: "changes", title: "Changes", shows: (may) => may("WATCH"), open: openChanges },
  { name: "tenants", title: "Tenants", shows: (may) => may("ADMIN"), open: openTenants },
  { name: "usage", title: "Usage", shows: (may) => !may("ADMIN"), open: openTenants },
];
