package dev.portrait.client;

import java.nio.charset.StandardCharsets;

/**
 * A contact to look up.
 *
 * @param existingId a picture id the caller already has: "unchanged" is then an answer; empty: none
 * @param context the caller's own, such as the row that the contact came from
 */
public record Item<C>(String contact, String existingId, C context) {
  private static final int MAX_CONTACT_BYTES = 1024;

  public static Item<Void> of(String contact) {
    return new Item<>(contact, "", null);
  }

  public static <C> Item<C> of(String contact, C context) {
    return new Item<>(contact, "", context);
  }

  /** Why the server cannot be asked; null when it can. */
  String unsendable() {
    if (contact.isBlank()) {
      return "no phone number or JID given";
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(contact)
        || !StandardCharsets.UTF_8.newEncoder().canEncode(existingId)) {
      return "not Unicode text";
    }
    if (contact.getBytes(StandardCharsets.UTF_8).length > MAX_CONTACT_BYTES) {
      return "longer than " + MAX_CONTACT_BYTES + " bytes";
    }
    return null;
  }
}
