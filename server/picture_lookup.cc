#include "server/picture_lookup.h"

#include <utility>

#include "core/base/status_macros.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"
#include "server/enrich_counter.h"
#include "server/lookup_options.h"
#include "server/rpc_status.h"

namespace portrait {

void PictureLookup::Ask(v1::GetProfilePictureRequest request,
                        absl::Time deadline) {
  v1::EnrichItem item;
  item.set_allocated_contact(request.release_contact());
  item.set_allocated_existing_id(request.release_existing_id());
  const absl::Status asked = lookup_.AskUrgent(
      request.options(), MakeLookupItem(item), deadline, shared_from_this());
  if (!asked.ok()) End(asked);
}

void PictureLookup::OnResults(LookupResults results) {
  if (results.empty() || !MayEnd()) return;
  const ResultFacts& facts = results.facts().front();
  // Usage is settled before the caller can receive the result.
  lookup_.Settle(/*granted=*/1, UsageOf(facts));
  if (facts.failed()) {
    OnAnswer(ToStatus(results.Decode(0).error()), "");
  } else {
    OnAnswer(absl::OkStatus(), results.EncodedPicture(0));
  }
}

std::string ResponseHeadFor(absl::string_view picture) {
  using google::protobuf::internal::WireFormatLite;
  std::string head;
  google::protobuf::io::StringOutputStream stream(&head);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.WriteTag(WireFormatLite::MakeTag(
      v1::GetProfilePictureResponse::kProfilePictureFieldNumber,
      WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
  out.WriteVarint32(static_cast<uint32_t>(picture.size()));
  out.Trim();
  return head;
}

}  // namespace portrait
