#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/report_images.h"
#include "client/cli/report_page.h"
#include "client/cli/report_run.h"
#include "core/image/image_reader.h"
#include "tests/support/temporary_folder.h"

namespace portrait::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

void Write(const std::string& path, absl::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

class ReportTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) {
    return absl::StrCat(folder_.path(), "/", name);
  }
  ReportRun RunOf(absl::string_view text) {
    Write(Path("run"), text);
    const auto run = ReadReportRun(Path("run"));
    EXPECT_TRUE(run.ok()) << run.status();
    return run.ok() ? *run : ReportRun();
  }
  // Copies a picture of tests/data into the folder "images".
  void AddImage(const std::string& name, const std::string& as) {
    std::filesystem::create_directories(Path("images"));
    std::filesystem::copy_file(
        absl::StrCat(std::getenv("PORTRAIT_TEST_DATA"), "/images/", name),
        Path(absl::StrCat("images/", as)));
  }

  TemporaryFolder folder_;
};

TEST_F(ReportTest, ReadsTheOutputOfEnrichInBothFormats) {
  const ReportRun csv = RunOf(
      "First Name;Mobile;portrait_state;portrait_url;portrait_name\n"
      "Ann;0171;available;https://pps.whatsapp.net/x;\"A;nn\"\n"
      "Ben;0172;error\n");
  const ReportRun json = RunOf(
      R"({"First Name":"Ann","Mobile":"0171","portrait":{"state":"available",)"
      R"("url":"https://pps.whatsapp.net/x","name":"A;nn"}})"
      "\n"
      R"({"First Name":"Ben","Mobile":"0172","portrait":{"state":"error"}})"
      "\n");
  for (const ReportRun& run : {csv, json}) {
    EXPECT_THAT(run.columns, ElementsAre("First Name", "Mobile",
                                         "portrait_state", "portrait_name"));
    ASSERT_THAT(run.rows, SizeIs(2));
    EXPECT_EQ("A;nn", run.Value(0, "name"));
    EXPECT_EQ("error", run.Value(1, "state"));
    EXPECT_EQ("", run.Value(1, "name"));
    EXPECT_THAT(run.titles, ElementsAre(0));
    EXPECT_THAT(run.contacts, ElementsAre(1));
  }
}

TEST_F(ReportTest, SaysWhenAFileIsNoOutputOfEnrich) {
  Write(Path("list"), "name,phone\nAnn,0171\n");
  EXPECT_THAT(ReadReportRun(Path("list")).status().message(),
              HasSubstr("no column portrait_state"));
  Write(Path("broken"), "{\"portrait\":{\"state\":\"error\"}}\n{\"a\":\n");
  EXPECT_THAT(ReadReportRun(Path("broken")).status().message(),
              HasSubstr("line 2"));
  EXPECT_FALSE(ReadReportRun(Path("missing")).ok());
}

TEST_F(ReportTest, TextOfStrangersCannotBecomeAPartOfThePage) {
  const ReportRun run = RunOf(
      "phone,portrait_state,portrait_name,</script><script>alert(1)</script>\n"
      "1,available,</script><script>alert(2)</script>,<!-- <script>\n"
      "2,@SCRIPT@,@DATA@,\xff\xfe\n");
  const std::string page =
      ReportPage(run, ReadReportImages(run, "", 10), {}, absl::UnixEpoch());
  const std::string plain =
      ReportPage(ReportRun(), ReportImages(), {}, absl::UnixEpoch());
  const auto tags = [](const std::string& text) {
    const std::vector<std::string> parts = absl::StrSplit(text, '<');
    return parts.size();
  };
  EXPECT_EQ(tags(plain), tags(page));
  EXPECT_THAT(page, HasSubstr("\\u003c/script>\\u003cscript>alert(2)"));
  EXPECT_THAT(page, HasSubstr("\"@DATA@\""));
}

TEST_F(ReportTest, ThePageForbidsItselfTheNetwork) {
  const std::string page =
      ReportPage(ReportRun(), ReportImages(), {}, absl::UnixEpoch());
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, Not(HasSubstr("http:")));
  EXPECT_THAT(page, Not(HasSubstr("https:")));
  EXPECT_THAT(page, Not(HasSubstr("unsafe-inline")));
  EXPECT_THAT(page, Not(HasSubstr("innerHTML")));
  for (const char* left : {"@STYLE", "@SCRIPT", "@TITLE", "@DATA"}) {
    EXPECT_THAT(page, Not(HasSubstr(left)));
  }
}

TEST_F(ReportTest, ShowsPicturesLookAlikesAndThePictureBefore) {
  AddImage("photo0.jpg", "49171-20.jpg");
  AddImage("photo1.jpg", "49171-10.jpg");
  AddImage("progressive.jpg", "49172-30.jpg");
  AddImage("lossy.webp", "49173-40.webp");
  AddImage("person.jpg", "49174-50.jpg");
  Write(Path("images/49175-60.jpg"), "no picture");
  const ReportRun run = RunOf(
      "phone,portrait_state,portrait_picture_id,portrait_previous_id,"
      "portrait_image_path\n"
      "49171,available,20,10,49171-20.jpg\n"
      "49172,available,30,,49172-30.jpg\n"
      "49173,available,40,7,49173-40.webp\n"
      "49174,available,50,,49174-50.jpg\n"
      "49175,available,60,,49175-60.jpg\n"
      "49176,hidden,,,\n");
  const ReportImages images = ReadReportImages(run, Path("images"), 100);
  EXPECT_THAT(images.thumbnails, SizeIs(5));
  EXPECT_THAT(images.pictures, ElementsAre(0, 2, 3, 4, -1, -1));
  EXPECT_THAT(images.before, ElementsAre(Pair(0, 1)));
  EXPECT_EQ(1u, images.unreadable);
  ASSERT_THAT(images.groups, SizeIs(1));
  EXPECT_THAT(images.groups[0].rows, ElementsAre(1, 2));
  const ReportImages few = ReadReportImages(run, Path("images"), 2);
  EXPECT_THAT(few.thumbnails, SizeIs(2));
  EXPECT_GT(few.left_out, 0u);
}

TEST_F(ReportTest, AContactThatIsTwiceInTheListSharesNoPicture) {
  AddImage("photo0.jpg", "a.jpg");
  AddImage("photo0.jpg", "b.jpg");
  const std::string names = "portrait_jid,portrait_state,portrait_image_path\n";
  EXPECT_THAT(ReadReportImages(RunOf(names + "1@lid,available,a.jpg\n"
                                             "1@lid,available,a.jpg\n"),
                               Path("images"), 9)
                  .groups,
              IsEmpty());
  const ReportImages images = ReadReportImages(
      RunOf(names + "1@lid,available,a.jpg\n1@lid,available,a.jpg\n"
                    "2@lid,available,b.jpg\n"),
      Path("images"), 9);
  ASSERT_THAT(images.groups, SizeIs(1));
  EXPECT_THAT(images.groups[0].rows, ElementsAre(0, 2));
}

TEST_F(ReportTest, ReadsNoFileOutsideOfTheFolder) {
  AddImage("photo0.jpg", "a.jpg");
  std::filesystem::create_directories(Path("images/inner"));
  const ReportRun run = RunOf(absl::StrCat(
      "phone,portrait_state,portrait_image_path\n1,available,../a.jpg\n"
      "2,available,",
      Path("images/a.jpg"), "\n"));
  EXPECT_THAT(ReadReportImages(run, Path("images/inner"), 9).thumbnails,
              IsEmpty());
  EXPECT_THAT(ReadReportImages(run, Path("images"), 9).thumbnails, SizeIs(1));
}

TEST_F(ReportTest, ManyPicturesAreFilesBesideThePage) {
  const ReportRun run = RunOf("phone,portrait_state\n1,available\n");
  ReportImages images;
  images.pictures = {0};
  images.thumbnails = {"jpeg"};
  ASSERT_TRUE(
      WriteReport(run, images, Path("small.html"), absl::UnixEpoch()).ok());
  EXPECT_THAT(Contents(Path("small.html")), HasSubstr("[\"anBlZw==\"]"));
  EXPECT_FALSE(std::filesystem::exists(Path("small_files")));
  images.thumbnails.push_back(std::string(kMaxInlineBytes, 'x'));
  ASSERT_TRUE(
      WriteReport(run, images, Path("large.html"), absl::UnixEpoch()).ok());
  EXPECT_THAT(Contents(Path("large.html")),
              HasSubstr("[\"large_files/0.jpg\",\"large_files/1.jpg\"]"));
  EXPECT_EQ("jpeg", Contents(Path("large_files/0.jpg")));
}

}  // namespace
}  // namespace portrait::cli

// The helper that decodes pictures is a second start of this program.
int main(int argc, char** argv) {
  portrait::RunImageHelperIfAsked(argc, argv);
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
