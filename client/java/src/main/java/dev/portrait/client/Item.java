package dev.portrait.client;

import java.nio.charset.StandardCharsets;

/**
 * A contact to look up.
 *
 * @param contact a phone number or JID; null and invalid contacts have an error as their result
 * @param existingId the picture id that the caller already has; if it is still current, the
 *     picture's state is UNCHANGED; empty: none
 * @param country the ISO 3166 code of the country, such as "DE", of a phone number without a country
 *     code; empty: the default country of the options
 * @param context any object of the caller, such as the row that contains the contact
 */
public record Item<C>(String contact, String existingId, String country, C context) {
  private static final int MAX_CONTACT_BYTES = 1024;

  public Item(String contact, String existingId, C context) {
    this(contact, existingId, "", context);
  }

  public static Item<Void> of(String contact) {
    return new Item<>(contact, "", null);
  }

  public static <C> Item<C> of(String contact, C context) {
    return new Item<>(contact, "", context);
  }

  /** Why the item cannot be sent; null if it can. */
  String unsendable() {
    if (contact == null) {
      return "the contact is missing";
    }
    if (contact.isBlank()) {
      return "the contact is empty: expected a phone number or JID";
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(contact)
        || !StandardCharsets.UTF_8.newEncoder().canEncode(existingId)
        || !StandardCharsets.UTF_8.newEncoder().canEncode(country)) {
      return "the contact, existingId or country is not valid Unicode";
    }
    if (contact.getBytes(StandardCharsets.UTF_8).length > MAX_CONTACT_BYTES) {
      return "the contact is longer than " + MAX_CONTACT_BYTES + " bytes";
    }
    return null;
  }
}
