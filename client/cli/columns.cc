#include "client/cli/columns.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "client/cli/json.h"

namespace portrait::cli {
namespace {

constexpr Column kResultColumns[] = {
    {"jid", ColumnKind::kText, "WhatsApp address (JID) of the contact"},
    {"phone", ColumnKind::kWhole,
     "phone number in international form: +13105551234"},
    {"lid", ColumnKind::kText, "LID (hidden id) of the contact, if known"},
    {"registered", ColumnKind::kFlag,
     "yes: the contact is on WhatsApp; empty: not known"},
    {"state", ColumnKind::kWhole,
     "available, hidden, not_set, unchanged, not_registered, unknown or error"},
    {"picture_id", ColumnKind::kWhole,
     "id of the picture; a new picture has a new id"},
    {"url", ColumnKind::kText, "URL of the full picture"},
    {"preview_url", ColumnKind::kText, "URL of the preview picture"},
    {"direct_path", ColumnKind::kText, "path of the URL at WhatsApp's CDN"},
    {"type", ColumnKind::kWhole, "image or preview"},
    {"url_expires", ColumnKind::kWhole, "time at which the URL expires"},
    {"business", ColumnKind::kFlag, "yes: a WhatsApp Business account"},
    {"name", ColumnKind::kText, "name that WhatsApp reports"},
    {"checked", ColumnKind::kWhole,
     "time at which WhatsApp last confirmed this result"},
    {"changed", ColumnKind::kWhole,
     "time at which this picture id or state was first seen"},
    {"previous_id", ColumnKind::kWhole, "picture id before the current one"},
    {"source", ColumnKind::kWhole, "origin of the result: store or whatsapp"},
    {"error", ColumnKind::kWhole,
     "reason of a failed lookup, such as INVALID_CONTACT"},
    {"error_message", ColumnKind::kText, "the reason in words"},
    {"retry_after", ColumnKind::kNumber,
     "seconds to wait before a retry; empty: a retry does not help"},
    {"shared_by", ColumnKind::kNumber,
     "with --shared-by: number of other contacts with such a picture"},
    {kImagePathColumn, ColumnKind::kText,
     "with --images: file of the picture, in that folder"},
    {"image_sha256", ColumnKind::kWhole, "SHA-256 hash of that file"},
    {"image_bytes", ColumnKind::kNumber, "size of that file"},
    {"image_error", ColumnKind::kText, "why there is no such file"},
};

constexpr Column kChangeColumns[] = {
    {"time", ColumnKind::kWhole, "time at which Portrait saw the change", 0,
     20},
    {"phone_number", ColumnKind::kWhole,
     "phone number of the contact, if known", 0, 16},
    {"kind", ColumnKind::kWhole,
     "kind of change: REPLACED, REMOVED, ADDED, HIDDEN, ...", 0, 12},
    {"old_id", ColumnKind::kText, "picture id before the change", 2, 20},
    {"new_id", ColumnKind::kText, "picture id after the change", 1, 20},
    {"jid", ColumnKind::kText, "WhatsApp address (JID) of the contact", 3, 30},
    {"sequence", ColumnKind::kNumber, "position in the change log", 4, 8},
};

constexpr Column kSessionColumns[] = {
    {"session", ColumnKind::kWhole, "name of the session", 0},
    {"state", ColumnKind::kWhole,
     "state: ready, connecting, throttled, paused, ...", 0},
    {"reason", ColumnKind::kText, "reason of the state", 1},
    {"jid", ColumnKind::kWhole, "JID of the WhatsApp account", 3},
    {"name", ColumnKind::kText, "name set on the phone", 4},
    {"since", ColumnKind::kWhole, "time at which the state began", 6},
    {"paired", ColumnKind::kWhole, "time at which the account was linked", 8},
    {"resumes", ColumnKind::kWhole, "time at which throttling or a ban ends",
     2},
    {"lookups", ColumnKind::kNumber, "lookups done", 5},
    {"failures", ColumnKind::kNumber, "lookups that failed", 5},
    {"per_second", ColumnKind::kNumber, "current limit of lookups per second",
     7},
    {"in_flight", ColumnKind::kNumber, "lookups in progress", 7},
    {"node", ColumnKind::kText, "server that runs the session", 6},
    {"proxy", ColumnKind::kText, "proxy of this session, without credentials",
     8},
};

// "PICTURE_STATE_NOT_SET" → "not_set".
std::string ShortName(absl::string_view name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

std::string YesNo(bool yes) { return yes ? "yes" : "no"; }

std::string RegisteredText(v1::Registration registration) {
  if (registration == v1::REGISTRATION_REGISTERED) return YesNo(true);
  if (registration == v1::REGISTRATION_NOT_REGISTERED) return YesNo(false);
  return "";
}

std::string NumberText(uint64_t number) { return absl::StrCat(number); }

}  // namespace

absl::Span<const Column> ResultColumns() { return kResultColumns; }

std::vector<std::string> ResultValues(const v1::EnrichResult& result,
                                      const PictureOutcome& image) {
  const v1::ProfilePicture& picture = result.profile_picture();
  const v1::LookupError& error = result.error();
  const bool failed = result.has_error();
  const bool known =
      !failed && picture.registration() != v1::REGISTRATION_NOT_REGISTERED;
  std::string retry_after;
  if (error.has_retry_after()) {
    retry_after = absl::StrCat(error.retry_after().seconds() +
                               (error.retry_after().nanos() > 0 ? 1 : 0));
  }
  return {
      picture.jid(),
      picture.phone_number(),
      picture.lid(),
      RegisteredText(picture.registration()),
      OutcomeName(result),
      picture.id(),
      picture.url(),
      picture.preview_url(),
      picture.direct_path(),
      picture.type(),
      FormatTime(picture.url_expire_time()),
      known ? YesNo(picture.is_business()) : "",
      picture.name(),
      FormatTime(picture.check_time()),
      FormatTime(picture.change_time()),
      picture.previous_id(),
      SourceName(result),
      failed ? ReasonName(error.reason()) : "",
      error.message(),
      retry_after,
      picture.has_shared_by() ? NumberText(picture.shared_by().contacts()) : "",
      image.saved.name,
      image.saved.sha256,
      image.saved.name.empty() ? "" : absl::StrCat(image.saved.bytes),
      image.Problem(),
  };
}

absl::Span<const Column> ChangeColumns() { return kChangeColumns; }

std::vector<std::string> ChangeValues(const v1::ProfilePictureChange& change) {
  return {
      FormatTime(change.observe_time()),
      change.phone_number(),
      std::string(absl::StripPrefix(v1::ChangeKind_Name(change.kind()),
                                    "CHANGE_KIND_")),
      change.old_id(),
      change.new_id(),
      change.jid(),
      NumberText(change.sequence()),
  };
}

absl::Span<const Column> SessionColumns() { return kSessionColumns; }

std::vector<std::string> SessionValues(const v1::Session& session) {
  return {
      session.session(),
      ShortName(v1::SessionState_Name(session.state()), "SESSION_STATE_"),
      session.state_reason(),
      session.jid(),
      session.push_name(),
      FormatTime(session.state_time()),
      FormatTime(session.pair_time()),
      FormatTime(session.resume_time()),
      NumberText(session.lookups()),
      NumberText(session.failures()),
      absl::StrFormat("%.4g", session.lookups_per_second_limit()),
      NumberText(session.in_flight()),
      session.node(),
      session.proxy(),
  };
}

std::string GuardFormula(absl::string_view column, absl::string_view value) {
  // A message may quote text from WhatsApp or from a list.
  const bool written_by_others = column == "name" || column == "error_message";
  const bool formula =
      written_by_others && !value.empty() &&
      absl::StrContains("=+-@\t\r", absl::string_view(value.data(), 1));
  return absl::StrCat(formula ? "'" : "", value);
}

std::string JsonMembers(absl::Span<const Column> columns,
                        absl::Span<const std::string> values) {
  std::string json;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string& value = values[i];
    if (value.empty()) continue;
    absl::StrAppend(&json, json.empty() ? "" : ",", JsonQuote(columns[i].name),
                    ":");
    switch (columns[i].kind) {
      case ColumnKind::kText:
      case ColumnKind::kWhole:
        json += JsonQuote(value);
        break;
      case ColumnKind::kFlag:
        json += value == "yes" ? "true" : "false";
        break;
      case ColumnKind::kNumber:
        json += value;
        break;
    }
  }
  return json;
}

std::string OutcomeName(const v1::EnrichResult& result) {
  if (!result.has_profile_picture()) return "error";
  const v1::ProfilePicture& picture = result.profile_picture();
  if (picture.registration() == v1::REGISTRATION_NOT_REGISTERED) {
    return "not_registered";
  }
  if (picture.state() == v1::PICTURE_STATE_UNSPECIFIED) return "unknown";
  return ShortName(v1::PictureState_Name(picture.state()), "PICTURE_STATE_");
}

std::string SourceName(const v1::EnrichResult& result) {
  const v1::Source source = result.profile_picture().source();
  if (source == v1::SOURCE_STORE) return "store";
  if (source == v1::SOURCE_WHATSAPP) return "whatsapp";
  return "";
}

std::string ReasonName(v1::ErrorReason reason) {
  const std::string& name = v1::ErrorReason_Name(reason);
  // A newer server may send a reason that this client does not know.
  if (name.empty()) return absl::StrCat("REASON_", static_cast<int>(reason));
  return std::string(absl::StripPrefix(name, "ERROR_REASON_"));
}

std::string NoteOf(const v1::EnrichResult& result) {
  if (result.has_error()) {
    return absl::StrCat(ReasonName(result.error().reason()), ": ",
                        result.error().message());
  }
  return result.profile_picture().is_business() ? "business" : "";
}

std::string FormatTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

std::string ResultColumnsHelp() {
  std::string help;
  for (const Column& column : kResultColumns) {
    absl::StrAppendFormat(&help, "  %-23s %s\n",
                          absl::StrCat(kColumnPrefix, column.name),
                          column.help);
  }
  return help;
}

}  // namespace portrait::cli
