#include "core/contact/refusal.h"

#include <iterator>
#include <string>

#include "absl/strings/cord.h"

namespace portrait {
namespace {

constexpr char kPayload[] = "portrait.contact.refusal";

// The names, in the order of the enum Refusal.
constexpr absl::string_view kNames[] = {"unreadable",
                                        "empty",
                                        "oversized",
                                        "invalid_text",
                                        "letters",
                                        "masked",
                                        "extension",
                                        "tel_parameters",
                                        "several_numbers",
                                        "spreadsheet",
                                        "not_international",
                                        "ambiguous",
                                        "unknown_country_code",
                                        "too_short",
                                        "too_long",
                                        "impossible",
                                        "bare_lid",
                                        "short_link",
                                        "invalid_jid",
                                        "unknown_country"};
static_assert(std::size(kNames) ==
              static_cast<size_t>(Refusal::kUnknownCountry) + 1);

}  // namespace

absl::string_view RefusalName(Refusal refusal) {
  return kNames[static_cast<size_t>(refusal)];
}

absl::Status Refuse(Refusal refusal, absl::string_view why) {
  absl::Status status = absl::InvalidArgumentError(why);
  status.SetPayload(kPayload, absl::Cord(RefusalName(refusal)));
  return status;
}

Refusal RefusalOf(const absl::Status& status) {
  const auto name = status.GetPayload(kPayload);
  for (size_t i = 0; name.has_value() && i < std::size(kNames); ++i) {
    if (*name == kNames[i]) return static_cast<Refusal>(i);
  }
  return Refusal::kUnreadable;
}

}  // namespace portrait
