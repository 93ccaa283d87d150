#include "server/http/picture_json.h"

#include <array>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace portrait::http {
namespace {

// Characters that protobuf writes as they are.
constexpr std::array<bool, 256> MakePlain() {
  std::array<bool, 256> plain = {};
  for (int c = ' '; c < 0x7f; ++c) {
    plain[c] = c != '"' && c != '\\' && c != '<' && c != '>';
  }
  return plain;
}
constexpr std::array<bool, 256> kPlain = MakePlain();

// `ok_` becomes false for a value that protobuf writes in a special form.
class PictureWriter {
 public:
  explicit PictureWriter(std::string* out) : out_(*out) {}

  // Returns whether all values could be written.
  bool Write(const v1::ProfilePicture& picture) {
    // Few results have one.
    if (picture.has_image() || picture.has_shared_by()) return false;
    out_ += '{';
    Text("jid", picture.jid());
    Text("phoneNumber", picture.phone_number());
    Text("lid", picture.lid());
    Enum("registration", picture.registration(),
         v1::Registration_Name(picture.registration()));
    Enum("state", picture.state(), v1::PictureState_Name(picture.state()));
    Text("id", picture.id());
    Text("url", picture.url());
    Text("previewUrl", picture.preview_url());
    Text("directPath", picture.direct_path());
    Text("type", picture.type());
    if (!picture.hash().empty()) {
      Name("hash");
      absl::StrAppend(&out_, "\"", absl::Base64Escape(picture.hash()), "\"");
    }
    if (picture.has_url_expire_time()) {
      Time("urlExpireTime", picture.url_expire_time());
    }
    if (picture.is_business()) {
      Name("isBusiness");
      out_ += "true";
    }
    Text("name", picture.name());
    if (picture.has_check_time()) Time("checkTime", picture.check_time());
    if (picture.has_change_time()) Time("changeTime", picture.change_time());
    Text("previousId", picture.previous_id());
    Enum("source", picture.source(), v1::Source_Name(picture.source()));
    Text("session", picture.session());
    out_ += '}';
    return ok_;
  }

 private:
  void Name(absl::string_view name) {
    if (out_.back() != '{') out_ += ',';
    absl::StrAppend(&out_, "\"", name, "\":");
  }
  void Text(absl::string_view name, absl::string_view text) {
    if (text.empty()) return;
    bool is_plain = true;
    for (const char c : text) is_plain &= kPlain[static_cast<uint8_t>(c)];
    ok_ &= is_plain;
    Name(name);
    absl::StrAppend(&out_, "\"", text, "\"");
  }
  void Enum(absl::string_view name, int value, const std::string& text) {
    if (value == 0) return;
    ok_ &= !text.empty();
    Name(name);
    absl::StrAppend(&out_, "\"", text, "\"");
  }
  void Time(absl::string_view name, const google::protobuf::Timestamp& time) {
    const int64_t nanos = time.nanos();
    ok_ &= nanos % 1000 == 0;
    Name(name);
    const absl::CivilSecond at =
        absl::CivilSecond(1970) +
        static_cast<absl::civil_diff_t>(time.seconds());
    absl::StrAppend(&out_, "\"", absl::Dec(at.year(), absl::kZeroPad4), "-",
                    absl::Dec(at.month(), absl::kZeroPad2), "-",
                    absl::Dec(at.day(), absl::kZeroPad2), "T");
    absl::StrAppend(&out_, absl::Dec(at.hour(), absl::kZeroPad2), ":",
                    absl::Dec(at.minute(), absl::kZeroPad2), ":",
                    absl::Dec(at.second(), absl::kZeroPad2));
    // Protobuf writes three or six digits, or none.
    if (nanos != 0 && nanos % 1'000'000 == 0) {
      absl::StrAppend(&out_, ".",
                      absl::Dec(nanos / 1'000'000, absl::kZeroPad3));
    } else if (nanos != 0) {
      absl::StrAppend(&out_, ".", absl::Dec(nanos / 1000, absl::kZeroPad6));
    }
    out_ += "Z\"";
  }

  std::string& out_;
  bool ok_ = true;
};

}  // namespace

bool AppendPictureJson(const v1::ProfilePicture& picture, std::string* out) {
  return PictureWriter(out).Write(picture);
}

}  // namespace portrait::http
