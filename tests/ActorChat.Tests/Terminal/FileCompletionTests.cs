// What Tab offers where a file name is asked for.

using ActorChat.Screens.Terminal;

namespace ActorChat.Tests.Terminal;

public sealed class FileCompletionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat-files-").FullName;

    public FileCompletionTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "people"));
        foreach (var name in new[] { "people.json", "people/bob.json", "other.json", ".hidden" })
        {
            File.WriteAllText(Path.Combine(_folder, name), "");
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("pe", "people.json people/")]
    [InlineData("people/", "people/bob.json")]
    [InlineData("", "other.json people.json people/")]
    [InlineData(".", ".hidden")]
    [InlineData("zz", "")]
    [InlineData("nowhere/a", "")]
    public void The_names_that_begin_so_are_offered(string typed, string offered) => Assert.Equal(
        offered.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).Select(name => $"{_folder}/{name}"), FileCompletion.Of($"{_folder}/{typed}"));

    [Fact]
    public void A_tilde_is_the_home_folder_and_stays_as_it_was_typed() =>
        Assert.Equal(FileCompletion.Of(Home.Expand("~/")).Select(Home.Shorten), FileCompletion.Of("~/"));
}
