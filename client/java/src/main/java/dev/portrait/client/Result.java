package dev.portrait.client;

import dev.portrait.v1.LookupError;
import dev.portrait.v1.ProfilePicture;

/**
 * What came of an item. One of picture and error is set and the other null; both are null for an
 * outcome that only a newer client knows.
 */
public record Result<C>(Item<C> item, ProfilePicture picture, LookupError error) {}
