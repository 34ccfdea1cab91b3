// The warnings about a directory and their words. No warning gives a password away.

using System.Text;
using ActorChat.Storage.Contacts;

namespace ActorChat.Storage.Tests.Contacts;

public sealed class DirectoryAdvisorTests
{
    private const string Good = "a long secret that only alice and bob know";

    [Fact]
    public void The_sample_gives_each_of_its_people_no_warning() => Assert.All(["alice", "bob"], own => Assert.Empty(
        Warnings(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "directory.sample.json")), own)));

    [Fact]
    public void A_password_that_is_easy_to_guess_is_told_with_the_guesses_and_the_time_online()
    {
        var warning = Warnings($"[\n{Entry("alice", Good)},\n{Entry("bob", "hunter2")}]").Single();

        Assert.Equal((3, 2), (warning.Line, warning.Entry));
        Assert.Equal(
            "the password of bob is easy to guess: about 670 guesses (zxcvbn score 0 of 4). An attacker has one guess for each conversation with you " +
            "or with bob, and cannot guess offline: at 10 conversations a second that is 67 seconds. " +
            "Take the entry out, and add it again with \"actorchat directory add\"",
            warning.Message);
    }

    [Fact]
    public void Warnings_come_in_the_order_of_the_file() => Assert.Equal(
        [1, 3], Warnings($"[{Entry("alice", Good)}, {Entry("bob", Good)}, {Entry("carol", "hunter2")}]").Select(warning => warning.Entry));

    [Theory]
    [InlineData("zanzibarella", null)]
    [InlineData(null, "zanzibarella")]
    public void The_names_that_either_side_goes_by_are_no_password(string? knownAs, string? answersAs)
    {
        var contact = new Contact("bob", "zanzibarella", "192.0.2.7", 5002, "modern", knownAs, answersAs);
        Assert.Contains("fewer than 10 guesses", DirectoryAdvisor.Warnings([new DirectoryEntry(1, 1, contact)], ownName: null).Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_contacts_own_name_is_no_password() => Assert.Contains("fewer than 10 guesses", Warnings($"[{Entry("zanzibarella", "zanzibarella")}]").Single().Message);

    [Fact]
    public void In_another_profile_guessing_offline_is_not_denied()
    {
        var contact = new Contact("bob", "hunter2", "::1", 5002, "classic", null);
        var warning = DirectoryAdvisor.Warnings([new DirectoryEntry(1, 1, contact)], ownName: null).Single();

        Assert.Contains("can guess offline", warning.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("one guess for each", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_that_three_share_is_told_with_their_names()
    {
        var warning = Warnings($"[\n{Entry("alice", "other " + Good)},\n{Entry("bob", Good)},\n{Entry("carol", Good)},\n{Entry("dave", Good)}]").Single();

        Assert.Equal((3, 2), (warning.Line, warning.Entry));
        Assert.StartsWith("bob (entry 2), carol (entry 3) and dave (entry 4) have the same password", warning.Message);
    }

    [Theory]
    [InlineData("alice", "bob (entry 2) and carol (entry 3) have the same password, so each of them can speak in the names of the others. Give each contact a password of its own: \"actorchat directory add\" makes one")]
    [InlineData(null, "bob (entry 2) and carol (entry 3) have the same password, so each of them can speak in the names of the others. Give each contact a password of its own: \"actorchat directory add\" makes one. If one of the two is yourself, nothing is wrong")]
    [InlineData("bob", null)] // the password of one's own entry is not used
    public void A_password_that_two_contacts_share_is_told(string? own, string? message) => Assert.Equal(
        message, Warnings($"[{Entry("alice", "other " + Good)}, {Entry("bob", Good)}, {Entry("carol", Good)}]", own).SingleOrDefault()?.Message);

    [Theory]
    [InlineData(5, "a1 (entry 1), a2 (entry 2), a3 (entry 3), a4 (entry 4) and a5 (entry 5) have")]
    [InlineData(9, "a1 (entry 1), a2 (entry 2), a3 (entry 3), a4 (entry 4), a5 (entry 5) and 4 more have")]
    public void Of_many_that_share_some_are_named(int count, string beginning) => Assert.StartsWith(
        beginning, Warnings($"[{string.Join(",", Enumerable.Range(1, count).Select(i => Entry($"a{i}", Good)))}]").Single().Message);

    [Fact]
    public void Spellings_that_the_key_agreement_takes_for_one_are_one()
    {
        string[] entries = [Entry("a", "zwölf Boxkämpfer jagen"), Entry("b", "zwo\u0308lf Boxka\u0308mpfer jagen"), Entry("c", "zwölf Boxka\u0308mpfer jagen")];
        Assert.Contains("same password", Warnings($"[{string.Join(",", entries)}]").Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sound_entries_are_looked_at_also_when_others_have_problems()
    {
        var file = Encoding.UTF8.GetBytes($"[{{\"username\": \"x\"}},\n{Entry("bob", "hunter2")}]");
        Assert.Null(DirectoryReader.Read(file, out var problems, out var entries));

        Assert.Equal(3, problems.Count);
        Assert.Equal((2, 2), DirectoryAdvisor.Warnings(entries, ownName: null).Select(warning => (warning.Line, warning.Entry)).Single());
    }

    [Fact]
    public void No_warning_holds_a_password()
    {
        string[] passwords = ["hunter2", "swordfish", "letmein1", "monkey12"];
        var entries = passwords.SelectMany((password, i) => Enumerable.Range(0, 3).Select(j => Entry($"n{i}{j}", password)));
        var warnings = Warnings($"[{string.Join(",", entries)}]");

        Assert.Equal((3 * 4) + 4, warnings.Count);
        Assert.All(warnings, warning => Assert.All(passwords, password => Assert.DoesNotContain(password, warning.ToString(), StringComparison.OrdinalIgnoreCase)));
    }

    private static string Entry(string name, string password) => DirectoryWriter.Line(new Contact(name, password, "192.0.2.7", 5002, "modern", null));

    private static IReadOnlyList<DirectoryProblem> Warnings(string file, string? own = null)
    {
        Assert.NotNull(DirectoryReader.Read(Encoding.UTF8.GetBytes(file), out _, out var entries));
        return DirectoryAdvisor.Warnings(entries, own);
    }
}
