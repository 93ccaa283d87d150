package dev.portrait.client;

import dev.portrait.v1.BatchGetProfilePicturesRequest;
import dev.portrait.v1.BatchGetProfilePicturesResponse;
import dev.portrait.v1.EnrichItem;
import dev.portrait.v1.EnrichResult;
import dev.portrait.v1.ErrorReason;
import dev.portrait.v1.LookupError;
import dev.portrait.v1.LookupOptions;
import java.util.ArrayList;
import java.util.List;

/** The request and the results of one batch; the tag of an item is its index. */
final class Batch<C> {
  private final List<Result<C>> results = new ArrayList<>();
  private final BatchGetProfilePicturesRequest request;

  Batch(List<Item<C>> items, LookupOptions options) {
    var builder = BatchGetProfilePicturesRequest.newBuilder().setOptions(options);
    for (Item<C> item : items) {
      String problem = item.unsendable();
      results.add(new Result<>(item, null, problem == null ? null : invalidContact(problem)));
      if (problem == null) {
        builder.addItems(
            EnrichItem.newBuilder()
                .setTag(results.size() - 1)
                .setContact(item.contact())
                .setExistingId(item.existingId())
                .setCountry(item.country()));
      }
    }
    request = builder.build();
  }

  static LookupError invalidContact(String message) {
    return LookupError.newBuilder()
        .setReason(ErrorReason.ERROR_REASON_INVALID_CONTACT)
        .setMessage(message)
        .build();
  }

  BatchGetProfilePicturesRequest request() {
    return request;
  }

  List<Result<C>> results(BatchGetProfilePicturesResponse response) {
    for (EnrichResult got : response.getResultsList()) {
      int index = (int) got.getTag();
      results.set(
          index,
          new Result<>(
              results.get(index).item(),
              got.hasProfilePicture() ? got.getProfilePicture() : null,
              got.hasError() ? got.getError() : null));
    }
    return results;
  }
}
