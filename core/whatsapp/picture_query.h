// The query for the picture of one contact or group, and the one for those of
// many groups.
#ifndef PORTRAIT_CORE_WHATSAPP_PICTURE_QUERY_H_
#define PORTRAIT_CORE_WHATSAPP_PICTURE_QUERY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

enum class PictureType { kPreview, kImage };

struct PictureQuery {
  Jid target;  // no device
  PictureType type = PictureType::kImage;
  std::string existing_id;  // empty: none
  // By which a privacy token may be known, too; empty user: not known.
  Jid target_lid;
  std::string privacy_token;  // empty: none; never for oneself, groups or bots
  // A group that is the announcement group of a community shows the community's
  // picture, to those who ask in this other form.
  bool as_community = false;
};

Node MakePictureQuery(const PictureQuery& query);

struct PictureAnswer {
  enum class Outcome {
    kFound,
    kUnchanged,  // existing_id is still current
    kNotSet,     // 404
    kHidden,     // 401; for a group 403 as well: we are not in it
  };
  Outcome outcome = Outcome::kFound;
  // When found:
  std::string id, url, direct_path, type;
  std::string hash;  // raw bytes; empty when not told
};

// Reads the <iq> of type result or error in each of the forms WhatsApp uses.
// A result without a picture is kUnchanged if the query had an existing_id.
//
// Errors: those of IqError() for every code but those of the outcomes;
// INVALID_ARGUMENT for a result without a picture or without its URL and no
// existing_id, for an avatar or a picture's bytes, for a URL without id and for
// another id than existing_id without URL. Worth asking again, all of them.
absl::StatusOr<PictureAnswer> ParsePictureAnswer(const Node& iq,
                                                 const PictureQuery& query);

// When the URL's own `oe` parameter (hexadecimal Unix seconds) says it expires;
// nothing when it has none that reads so.
std::optional<absl::Time> UrlExpireTime(absl::string_view url);

// ---- many groups at once ---------------------------------------------------

inline constexpr size_t kMaxGroupsInQuery = 1000;  // WhatsApp's own limit

// 1 to kMaxGroupsInQuery groups.
Node MakeGroupPicturesQuery(absl::Span<const Jid> groups, PictureType type);

// One for each group asked about, in their order; nothing for one of which
// nothing is told: it has no picture, or we are not in it. Its errors are those
// of ParsePictureAnswer().
using GroupPictures = std::vector<std::optional<absl::StatusOr<PictureAnswer>>>;

// Errors: those of IqError(); INVALID_ARGUMENT for a result without <pictures>.
absl::StatusOr<GroupPictures> ParseGroupPicturesAnswer(
    const Node& iq, absl::Span<const Jid> groups);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PICTURE_QUERY_H_
