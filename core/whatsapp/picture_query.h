// The query for the picture of one contact or group, and the query for the
// pictures of many groups.
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
  std::string existing_id;  // empty: no id is known
  // The target's other JID, LID or PN; empty user: not known. A privacy token
  // may also be stored under this address.
  Jid alias = {};
  // Empty: none; never for one's own picture, groups or bots.
  std::string privacy_token;
  // The time of the token; unset: not sent.
  std::optional<absl::Time> privacy_token_time;
  // The announcement group of a community shows the community's picture only if
  // the query has this form.
  bool as_community = false;
};

Node MakePictureQuery(const PictureQuery& query);

struct PictureAnswer {
  enum class Outcome {
    kFound,
    kUnchanged,  // existing_id is still current
    kNotSet,     // error 404
    kHidden,     // error 401; for a group also 403: the account is not in it
  };
  Outcome outcome = Outcome::kFound;
  // Set if the picture was found:
  std::string id, url, direct_path, type;
  std::string hash;  // raw bytes; empty if the answer has none
};

// Parses the <iq> of type result or error in each form that WhatsApp uses. A
// result without a picture is kUnchanged if the query had an existing_id.
//
// Errors, after all of which the query may be repeated: those of IqError()
// except for the codes of outcomes; INVALID_ARGUMENT for a result without
// existing_id that lacks the picture or its URL, for an avatar or a picture's
// bytes, for a URL without id, and for an id other than existing_id without a
// URL.
absl::StatusOr<PictureAnswer> ParsePictureAnswer(const Node& iq,
                                                 const PictureQuery& query);

// The expiry in the URL's `oe` parameter (hexadecimal Unix seconds); nothing if
// it has no valid one.
std::optional<absl::Time> UrlExpireTime(absl::string_view url);

// ---- pictures of many groups -----------------------------------------------

inline constexpr size_t kMaxGroupsInQuery = 1000;  // WhatsApp's own limit

// `groups` must have 1 to kMaxGroupsInQuery elements.
Node MakeGroupPicturesQuery(absl::Span<const Jid> groups, PictureType type);

// One element for each group in the query, in its order; nullopt if the answer
// says nothing about the group: it has no picture, or the account is not in it.
// Its errors are those of ParsePictureAnswer().
using GroupPictures = std::vector<std::optional<absl::StatusOr<PictureAnswer>>>;

// Errors: those of IqError(); INVALID_ARGUMENT for a result without <pictures>.
absl::StatusOr<GroupPictures> ParseGroupPicturesAnswer(
    const Node& iq, absl::Span<const Jid> groups);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PICTURE_QUERY_H_
