package dev.portrait.client;

import dev.portrait.v1.LookupError;
import dev.portrait.v1.ProfilePicture;

/**
 * The result of one item: either picture or error is set, and the other is null. Both are null if a
 * newer server returned an outcome that this client does not know.
 *
 * @param item the item that was looked up
 * @param picture the result of a lookup that succeeded
 * @param error why the lookup failed
 */
public record Result<C>(Item<C> item, ProfilePicture picture, LookupError error) {}
