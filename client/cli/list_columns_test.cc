// Tests how the columns and the header of exported lists are chosen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/country_reader.h"
#include "client/cli/table_reader.h"

namespace portrait::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

std::vector<InputRow> Rows(const std::string& text, TableOptions options = {}) {
  auto reader = TableReader::Open(InputBuffer::OfText(text), options);
  EXPECT_TRUE(reader.ok()) << reader.status();
  std::vector<InputRow> rows;
  InputRow row;
  while (reader.ok()) {
    const absl::StatusOr<bool> more = (*reader)->Next(&row);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) break;
    rows.push_back(row);
  }
  return rows;
}

std::vector<std::string> Contacts(const std::string& text,
                                  TableOptions options = {}) {
  std::vector<std::string> contacts;
  for (const InputRow& row : Rows(text, options)) {
    contacts.push_back(row.contact);
  }
  return contacts;
}

std::string Choices(const std::string& text, TableOptions options = {}) {
  auto reader = TableReader::Open(InputBuffer::OfText(text), options);
  return reader.ok() ? (*reader)->Choices()
                     : std::string(reader.status().message());
}

TEST(ListColumnsTest, ReadsCountriesInTheCommonLanguages) {
  for (const char* written :
       {"DE", "de", "DEU", "Germany", "Deutschland", "Allemagne", "Alemania",
        "Duitsland", "Германия", "ドイツ", "+49", "0049", "49", "(+49)",
        "Germany (+49)", "+49 Germany", "ALEMANHA"}) {
    EXPECT_THAT(ReadCountry(written), Optional(std::string("DE"))) << written;
  }
  EXPECT_THAT(ReadCountry("UK"), Optional(std::string("GB")));
  for (const char* written :
       {"Bavaria", "ZZ", "999", "", "Germany (+43)", "n/a", "CA (US)"}) {
    EXPECT_EQ(ReadCountry(written), std::nullopt) << written;
  }
}

TEST(ListColumnsTest, DoesNotReadStatesAsCountries) {
  const std::string google =
      "Phone 1 - Value,Address 1 - Region,Address 1 - Country\n"
      "(812) 555-0123,IN,US\n(302) 555-0145,DE,US\n";
  EXPECT_EQ(Rows(google)[0].country, "US");
  for (const char* name : {"State/Region", "Shipping Region", "State"}) {
    const std::string list =
        std::string(name) + ",Phone\nIN,(812) 555-0123\nDE,(302) 555-0145\n";
    EXPECT_EQ(Rows(list, {.default_country = "US"})[0].country, "") << name;
  }
}

TEST(ListColumnsTest, TheFlagTakesPrecedenceOverAGuess) {
  const std::string list = "CC,Phone\nIN,(812) 555-0123\nDE,0151 12345678\n";
  EXPECT_EQ(Rows(list)[0].country, "IN");
  EXPECT_EQ(Rows(list, {.default_country = "US"})[0].country, "");
}

TEST(ListColumnsTest, RefusesARowWhoseCountryIsNotUnderstood) {
  const auto rows = Rows(
      "Country,Phone\nAustria,0664 1234567\nAtlantis,0664 1234568\n"
      "Atlantis,+436641234569\n,0664 1234570\n"
      "Germany,0151 12345671\nSchweiz,079 1234567\n",
      {.default_country = "DE"});
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows[0].country, "AT");
  EXPECT_THAT(rows[1].refusal, HasSubstr("\"Atlantis\" is not known"));
  EXPECT_EQ(rows[2].refusal, "");  // its '+' makes it international
  EXPECT_EQ(rows[3].refusal, "");
}

TEST(ListColumnsTest, JoinsANumberToTheDialCodeBesideIt) {
  const auto rows = Rows(
      "Dial code,Phone\n+49,17012345678\n49,015112345679\n+91,9876543210\n"
      "+44,447400123456\n+1,4915112345678\n+49,+13105550123\n"
      "+49,12345\n");
  std::vector<std::string> read;
  for (const InputRow& row : rows) {
    read.push_back(row.asked.empty() ? std::string(row.refusal_kind)
                                     : row.asked);
  }
  EXPECT_THAT(read, ElementsAre("+4917012345678", "+4915112345679",
                                "+919876543210", "+447400123456", "ambiguous",
                                "+13105550123", "impossible"));
}

TEST(ListColumnsTest, ReadsACompanysNumberOnlyWhereThereIsNoOtherColumn) {
  EXPECT_THAT(Contacts("Name,Company Main Phone,Mobile Phone\n"
                       "Ann,+49302345678,\nBob,,+4915112345679\n"),
              ElementsAre("", "+4915112345679"));
  EXPECT_THAT(Contacts("Name,Company Phone\nAnn,+49302345678\n"),
              ElementsAre("+49302345678"));
}

TEST(ListColumnsTest, NeverReadsTheColumnsOfAnEarlierRun) {
  EXPECT_THAT(Contacts("Phone,portrait_jid,portrait_phone\n"
                       "+4915112345699,4915112345680@s.whatsapp.net,"
                       "+4915112345680\n"),
              ElementsAre("+4915112345699"));
  EXPECT_THAT(Choices("Name,portrait_jid\nAnn,4915112345680@c.us\n"),
              HasSubstr("no phone column"));
  EXPECT_THAT(Choices("Phone,portrait_jid\n+491511234567,x\n",
                      {.phone_columns = {"portrait_jid"}}),
              HasSubstr("output column of an earlier run"));
}

TEST(ListColumnsTest, UsesTheFirstNonEmptyPhoneColumnOfEachRow) {
  EXPECT_THAT(Contacts("WhatsApp Phone Number,Mobile Phone Number,Phone Number,"
                       "Record ID - Contact\n"
                       ",,+49 1511 2345678,50123456701\n"
                       ",+49 1511 2345679,+49 30 2345679,50123456702\n"),
              ElementsAre("+49 1511 2345678", "+49 1511 2345679"));
  EXPECT_THAT(Contacts("Person - ID,Person - Phone - Work,"
                       "Person - Phone - Mobile\n1,,+49 1511 2345678\n"),
              ElementsAre("+49 1511 2345678"));
  EXPECT_THAT(Contacts("a,b\n,+491511234567\n+491511234568,x\n",
                       {.phone_columns = {"a", "b"}}),
              ElementsAre("+491511234567", "+491511234568"));
}

TEST(ListColumnsTest, NeverReadsFaxesOrOtherPeoplesNumbers) {
  for (const char* name : {"Fax", "Business Fax", "Telefax", "Mobile Fax",
                           "Assistant's Phone", "Asst Phone", "Pager"}) {
    const std::string list = std::string(name) + ",Note\n+49302345678,x\n";
    EXPECT_THAT(Choices(list), HasSubstr("no phone column")) << name;
  }
}

TEST(ListColumnsTest, AColumnOfPlainNumbersNeedsAPhoneName) {
  for (const char* name :
       {"Kundennummer", "Customer", "Código", "Number", "Ref"}) {
    const std::string column(name);
    EXPECT_THAT(Choices(column + ",Name\n10002345,Ann\n10002346,Bob\n"),
                HasSubstr("no phone column"))
        << name;
    for (const char* cell :
         {"'+4915112345678", "whatsapp:+4915112345678", "٠٥٠١٢٣٤٥٦٧",
          "\xE2\x80\xAA+49 1511 2345678\xE2\x80\xAC"}) {
      EXPECT_THAT(Contacts(column + ",Phone\n10002345," + cell + "\n"),
                  ElementsAre(cell));
    }
  }
}

TEST(ListColumnsTest, DetectsTheHeaderFromTheRows) {
  EXPECT_EQ(Contacts("\xE2\x80\xAA+49 1511 2345678\xE2\x80\xAC\n"
                     "+49 1511 2345679\n")
                .size(),
            2u);
  EXPECT_EQ(Contacts("tel:+4915112345678\ntel:+4915112345679\n").size(), 2u);
  EXPECT_EQ(Contacts("Ann,\nBob,+4915112345679\n").size(), 2u);
  EXPECT_EQ(Contacts("Ann,Mobile,015112345678\nBob,Home,015112345679\n",
                     {.phone_columns = {"column_3"}})
                .size(),
            2u);
  EXPECT_EQ(Contacts("Name,Phone,20261128\nAnn,+4915112345678,x\n").size(), 1u);
  EXPECT_EQ(Contacts("Name,Phone\nAnn,+4915112345678\n",
                     {.phone_columns = {"column_2"}, .has_header = false})
                .size(),
            2u);
}

TEST(ListColumnsTest, ReadsTheShapesThatProgramsWrite) {
  const std::string number = "+4915112345678";
  for (const std::string& list :
       {"sep=;\r\nName;Phone\r\nAnn;" + number + "\r\n",
        "Name, Vorname;Telefon\r\nAmes, Ann;" + number + "\r\n",
        "Phone;Name, Title\r\n" + number + ";Ann, CEO\r\n",
        "{\"name\":\"No\"}\n{\"phone\":\"" + number + "\"}\n"}) {
    EXPECT_EQ(Contacts(list).back(), number) << list;
  }
  EXPECT_EQ(Contacts(number + "\r" + number + "\r" + number + "\r").size(), 3u);
}

TEST(ListColumnsTest, ReadsUtf16InEitherByteOrderAndWithoutAMark) {
  const std::string text = "Name\tPhone\r\nM\u00FCller\t+4915112345678\r\n";
  for (const bool little : {true, false}) {
    for (const bool mark : {true, false}) {
      std::string bytes;
      const auto append = [&](char16_t c) {
        const char high = static_cast<char>(c >> 8);
        const char low = static_cast<char>(c & 0xFF);
        bytes += little ? std::string{low, high} : std::string{high, low};
      };
      if (mark) append(0xFEFF);
      for (const char16_t c :
           std::u16string(u"Name\tPhone\r\nM\u00FCller\t+4915112345678\r\n")) {
        append(c);
      }
      EXPECT_EQ(Rows(bytes).back().cells, Rows(text).back().cells)
          << little << mark;
      EXPECT_THAT(Contacts(bytes), ElementsAre("+4915112345678"));
    }
  }
}

// A pipe whose first rows do not decide the column is read like a file.
TEST(ListColumnsTest, APipeWaitsForItsSample) {
  const std::string list =
      "Name,Phone,Customer\nAnn,none,10002345\nBob,+4915112345679,10002346\n"
      "Cat,+4915112345680,10002347\n";
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::thread writer([&] {
    const size_t first = list.find("Bob");
    EXPECT_EQ(write(ends[1], list.data(), first), static_cast<ssize_t>(first));
    // The reader has taken them, and waits.
    int unread = 1;
    while (ioctl(ends[0], FIONREAD, &unread) == 0 && unread > 0) {
      std::this_thread::yield();
    }
    const std::string rest = list.substr(first);
    EXPECT_EQ(write(ends[1], rest.data(), rest.size()),
              static_cast<ssize_t>(rest.size()));
    close(ends[1]);
  });
  auto input = InputBuffer::Open(absl::StrCat("/dev/fd/", ends[0]));
  ASSERT_TRUE(input.ok()) << input.status();
  auto reader = TableReader::Open(*std::move(input), {});
  writer.join();
  close(ends[0]);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->Choices(), Choices(list));
  EXPECT_THAT((*reader)->phone_columns(), ElementsAre("Phone"));
}

TEST(ListColumnsTest, ReportsTheChosenColumns) {
  EXPECT_EQ(Choices("Mobile,Phone,Country\n,+491511234567,DE\n"),
            "phone columns \"Mobile\", else \"Phone\" (by its name); country: "
            "column \"Country\"; the first line is the header");
}

}  // namespace
}  // namespace portrait::cli
