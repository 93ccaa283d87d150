#include "client/cli/column_finder.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/text_table.h"

namespace portrait::cli {
namespace {

// What columns of numbers are called, the surest first. Each also at the
// beginning of a longer word: "Telefonnummer".
constexpr absl::string_view kPhoneWords[] = {
    "whatsapp", "jid",     "msisdn",  "mobile", "mobil",     "handy",
    "cell",     "celular", "gsm",     "phone",  "telephone", "telefon",
    "tel",      "fon",     "contact", "number", "nummer",    "numero",
};
// A column with one of these words is about something else: "Contact ID".
constexpr absl::string_view kOtherWords[] = {
    "id",    "name",    "type",  "date",  "country", "code",   "email",
    "mail",  "fax",     "owner", "ext",   "time",    "person", "account",
    "order", "invoice", "title", "label", "note",    "count",
};
constexpr absl::string_view kCountryWords[] = {
    "country", "iso", "region", "land", "pays", "pais", "nation", "cc"};

// At least so much of a column's cells must look like contacts, in percent.
constexpr int kMinShareByName = 20;
constexpr int kMinShareByContent = 60;

// "Mobile Phone_1", "mobilePhone" → mobile, phone, 1.
std::vector<std::string> WordsOf(absl::string_view name) {
  std::vector<std::string> words;
  bool in_word = false;
  char before = ' ';
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = absl::ascii_isalnum(byte) || byte >= 0x80;
    const bool hump = absl::ascii_isupper(byte) &&
                      absl::ascii_islower(static_cast<unsigned char>(before));
    if (letter && (!in_word || hump)) words.emplace_back();
    if (letter) words.back().push_back(absl::ascii_tolower(byte));
    in_word = letter;
    before = c;
  }
  return words;
}

bool IsOneOf(absl::string_view word, absl::Span<const absl::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// The lower the surer; nothing: the name does not speak of phone numbers.
std::optional<size_t> PhoneRank(absl::string_view name) {
  std::optional<size_t> best;
  for (const std::string& word : WordsOf(name)) {
    if (IsOneOf(word, kOtherWords)) return std::nullopt;
    for (size_t rank = 0; rank < std::size(kPhoneWords); ++rank) {
      const bool says = absl::StartsWith(word, kPhoneWords[rank]) ||
                        (kPhoneWords[rank].size() >= 5 &&
                         absl::EndsWith(word, kPhoneWords[rank]));
      if (says && (!best.has_value() || rank < *best)) best = rank;
    }
  }
  return best;
}

// How many percent of the filled cells of a column pass `test`; nothing when
// none is filled.
template <typename Test>
std::optional<int> Share(const SampleTable& sample, size_t column, Test test) {
  int filled = 0;
  int passed = 0;
  for (const std::vector<std::string>& row : sample.rows) {
    if (column >= row.size()) continue;
    const absl::string_view cell = absl::StripAsciiWhitespace(row[column]);
    if (cell.empty()) continue;
    ++filled;
    if (test(cell)) ++passed;
  }
  if (filled == 0) return std::nullopt;
  return passed * 100 / filled;
}

bool IsJid(absl::string_view text) {
  for (const absl::string_view server :
       {"@s.whatsapp.net", "@c.us", "@lid", "@g.us", "@newsletter"}) {
    if (absl::EndsWith(text, server)) return text.size() > server.size();
  }
  return false;
}

// 2026-09-23, 23.09.2026, 9/23/2026, with or without a time.
bool IsDate(absl::string_view text) {
  std::vector<int> lengths = {0};
  char separator = '\0';
  for (const char c : text) {
    if (c == ' ' || c == 'T') break;
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      ++lengths.back();
      continue;
    }
    if (!absl::StrContains("-./", c)) return false;
    if (separator != '\0' && c != separator) return false;
    separator = c;
    lengths.push_back(0);
  }
  return lengths.size() == 3 && lengths[1] >= 1 && lengths[1] <= 2 &&
         ((lengths[0] == 4 && lengths[2] <= 2) ||
          (lengths[0] <= 2 && lengths[2] == 4));
}

// 4.91512E+12: what a spreadsheet makes of a phone number. It cannot be looked
// up, but shows where the numbers were.
bool IsRounded(absl::string_view text) {
  const size_t exponent = text.find_first_of("eE");
  if (exponent == 0 || exponent == absl::string_view::npos) return false;
  const auto is_digit = [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  };
  absl::string_view digits = text.substr(exponent + 1);
  absl::ConsumePrefix(&digits, "+");
  const absl::string_view mantissa = text.substr(0, exponent);
  return !digits.empty() &&
         std::all_of(digits.begin(), digits.end(), is_digit) &&
         std::all_of(mantissa.begin(), mantissa.end(), [&](char c) {
           return is_digit(c) || c == '.' || c == ',';
         });
}

bool MayBeContact(absl::string_view text) {
  return LooksLikeContact(text) || IsRounded(text);
}

// The column whose name speaks most clearly of phone numbers, of those where at
// least `min_share` percent of the filled cells may be contacts.
std::optional<size_t> BestByName(const SampleTable& sample, int min_share) {
  std::optional<size_t> best;
  size_t best_rank = 0;
  for (size_t i = 0; i < sample.columns.size(); ++i) {
    const std::optional<size_t> rank = PhoneRank(sample.columns[i]);
    if (!rank.has_value() || (best.has_value() && best_rank <= *rank)) continue;
    if (Share(sample, i, MayBeContact).value_or(100) < min_share) continue;
    best = i;
    best_rank = *rank;
  }
  return best;
}

// The column with the most contacts, of those whose names do not say that they
// are about something else.
std::optional<size_t> BestByContent(const SampleTable& sample) {
  std::optional<size_t> best;
  int best_share = kMinShareByContent - 1;
  for (size_t i = 0; i < sample.columns.size(); ++i) {
    const std::vector<std::string> words = WordsOf(sample.columns[i]);
    const bool other = std::any_of(
        words.begin(), words.end(),
        [](const std::string& word) { return IsOneOf(word, kOtherWords); });
    const int share = Share(sample, i, LooksLikeContact).value_or(0);
    if (other || share <= best_share) continue;
    best = i;
    best_share = share;
  }
  return best;
}

std::string ListOf(const std::vector<std::string>& columns) {
  constexpr size_t kMostNamed = 30;
  constexpr size_t kMostNameBytes = 60;
  std::string list;
  for (size_t i = 0; i < columns.size() && i < kMostNamed; ++i) {
    const std::string name = CleanCell(columns[i]);
    const bool cut = name.size() > kMostNameBytes;
    absl::StrAppend(&list, i == 0 ? "" : ", ",
                    cut ? CleanCell(name.substr(0, kMostNameBytes)) : name,
                    cut ? "…" : "");
  }
  if (columns.size() > kMostNamed) {
    absl::StrAppend(&list, ", and ", columns.size() - kMostNamed, " more");
  }
  return list;
}

}  // namespace

bool LooksLikeContact(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (IsJid(text)) return true;
  if (IsDate(text)) return false;
  int digits = 0;
  for (const char c : text) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      ++digits;
    } else if (!absl::StrContains(" +-()./\xC2\xA0", c)) {
      return false;
    }
  }
  return digits >= 7 && digits <= 15;
}

absl::StatusOr<size_t> FindPhoneColumn(const SampleTable& sample) {
  // 1. The name that says it most clearly, unless the content says otherwise.
  if (const auto best = BestByName(sample, kMinShareByName)) return *best;
  // 2. The column that is full of numbers, unless its name says otherwise.
  if (const auto best = BestByContent(sample)) return *best;
  // 3. No column holds numbers: the name alone. What is wrong with the cells is
  // then told row by row.
  if (const auto best = BestByName(sample, /*min_share=*/0)) return *best;
  return absl::InvalidArgumentError(
      absl::StrCat("no phone column found among: ", ListOf(sample.columns),
                   "; name it with --column"));
}

absl::StatusOr<size_t> FindNamedColumn(const std::vector<std::string>& columns,
                                       absl::string_view name) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == name) return i;
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (absl::EqualsIgnoreCase(columns[i], name)) return i;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no column \"", name, "\"; there are: ", ListOf(columns)));
}

std::optional<size_t> FindCountryColumn(const SampleTable& sample) {
  const auto is_code = [](absl::string_view cell) {
    return cell.size() == 2 &&
           absl::ascii_isalpha(static_cast<unsigned char>(cell[0])) &&
           absl::ascii_isalpha(static_cast<unsigned char>(cell[1]));
  };
  constexpr int kMinShare = 80;
  for (size_t i = 0; i < sample.columns.size(); ++i) {
    const std::vector<std::string> words = WordsOf(sample.columns[i]);
    const bool named = std::any_of(
        words.begin(), words.end(),
        [](const std::string& word) { return IsOneOf(word, kCountryWords); });
    if (named && Share(sample, i, is_code).value_or(0) >= kMinShare) return i;
  }
  return std::nullopt;
}

}  // namespace portrait::cli
