import { invalidContact, resultOf, unsendable } from "./bulk.js";

// One call for all items; the tag of an item is its index.
export async function batchGet(pictures, items, lookup, options) {
  const all = [...items].map((item) => (typeof item === "object" && item !== null
    ? item : { contact: item }));
  const results = [];
  const sent = [];
  all.forEach((item, index) => {
    const problem = unsendable(item);
    if (problem !== undefined) {
      results[index] = resultOf(item, { error: invalidContact(problem) });
      return;
    }
    const { contact, existingId = "", country = "" } = item;
    sent.push({ tag: BigInt(index), contact, existingId, country });
    results[index] = resultOf(item, {});
  });
  if (sent.length === 0) return results;
  const response = await pictures.batchGetProfilePictures(
    { items: sent, options: lookup }, options);
  for (const { tag, outcome } of response.results) {
    const index = Number(tag);
    results[index] = resultOf(all[index], {
      picture: outcome.case === "profilePicture" ? outcome.value : undefined,
      error: outcome.case === "error" ? outcome.value : undefined,
    });
  }
  return results;
}
