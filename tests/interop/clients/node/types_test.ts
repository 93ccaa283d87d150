// Compiles only if the types are as a TypeScript program needs them.
import {
  Client, ErrorReason, lookupErrorOf, PictureState, Role,
  type EnrichOptions, type Item, type ProfilePicture,
} from "portrait-client";
import type { Token } from "portrait-client/v1/access";

interface Row { line: number }

async function* rows(): AsyncGenerator<Item<Row>> {
  yield { contact: "+13105551234", context: { line: 1 } };
}

export async function use(client: Client, signal: AbortSignal): Promise<Token | undefined> {
  const picture: ProfilePicture = await client.get("+13105551234", { existingId: "1" });
  const hidden: boolean = picture.state === PictureState.HIDDEN;
  const options: EnrichOptions = { signal, lookup: { session: "main" } };
  for await (const { item, error } of client.enrich(rows(), options)) {
    const line: number | undefined = item.context?.line;
    if (hidden && error?.reason === ErrorReason.SUPPRESSED) console.log(line);
    // @ts-expect-error: the context is a row
    const wrong: string = item.context;
  }
  for await (const { changes, resumeToken } of client.watch()) {
    const sequence: bigint | undefined = changes[0]?.sequence;
    console.log(sequence, resumeToken, lookupErrorOf(new Error()).retryAfter?.seconds);
  }
  return (await client.access.createToken({ role: Role.LOOKUP })).token;
}
