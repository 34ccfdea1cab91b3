// The directory file: any bytes give a directory, or problems with the lines that they are in. A good file says the same to a second
// reading, and can be written again and added to.

using System.Text;
using System.Text.Json;
using ActorChat.Storage.Contacts;

namespace ActorChat.Fuzzing.Targets;

internal static class DirectoryTarget
{
    private static readonly Contact Newcomer = new("newcomer \u2603", "p\"\\\u202e", "::1", 65535, Contact.DefaultProfile, "me");

    public static void Run(byte[] input)
    {
        IReadOnlyList<DirectoryProblem> problems = [];
        IReadOnlyList<DirectoryEntry> entries = [];
        var directory = Require.Within(
            fixedBytes: 256 * 1024, bytesPerByte: 512, input.Length, () => DirectoryReader.Read(input, out problems, out entries));

        Require.That((directory is null) == problems.Count > 0, "there is a directory, or there are problems");
        var lines = 1 + input.Count(b => b == '\n');
        Require.That(
            problems.All(problem => problem.Line >= 1 && problem.Line <= lines && problem.Entry >= 0 && problem.Message.Length > 0),
            "a problem stands in a line of the file");
        Require.That(entries.All(entry => entry.Line >= 1 && entry.Line <= lines), "an entry stands in a line of the file");
        foreach (var entry in entries)
        {
            Require.That(DirectoryWriter.Problem(entry.Contact) is null, "an entry that is sound may be written");
        }

        if (directory is null)
        {
            Require.That(DirectoryWriter.Add(input, Newcomer, out var refusal) is null == refusal is not null, "a broken file is not added to");
            return;
        }

        Require.That(directory.Contacts.SequenceEqual(entries.Select(entry => entry.Contact)), "the directory is made of its entries");
        Require.That(directory.Contacts.SequenceEqual(ByDom(input)), "a second reading finds the same contacts");
        Require.That(directory.Contacts.All(contact => directory.Find(contact.Username) == contact), "every contact is found by its name");

        var anew = Encoding.UTF8.GetBytes($"[{string.Join(",\n", directory.Contacts.Select(DirectoryWriter.Line))}]");
        Require.That(DirectoryReader.Read(anew, out _) is { } copy && copy.Contacts.SequenceEqual(directory.Contacts), "what is written anew is read back");
        Add(input, directory);
    }

    private static void Add(byte[] input, ContactDirectory directory)
    {
        var extended = DirectoryWriter.Add(input, Newcomer, out var problem);
        Require.That((extended is null) == problem is not null, "there is a file, or there is a problem");
        if (input.Length > 0 && directory.Find(Newcomer.Username) is not null)
        {
            Require.That(extended is null, "a name stands once");
            return;
        }

        Require.That(extended is not null, "a newcomer is added to a good file");
        var after = DirectoryReader.Read(extended, out _);
        Require.That(after is not null && after.Contacts.SequenceEqual([.. directory.Contacts, Newcomer]), "what is added is read back, and all that was there");
        var kept = input.AsSpan().CommonPrefixLength(extended);
        Require.That(extended.AsSpan().EndsWith(input.AsSpan(kept)), "not a byte of what was there is written anew");
    }

    private static List<Contact> ByDom(byte[] input)
    {
        var utf8 = input.AsMemory(input.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0);
        using var document = JsonDocument.Parse(utf8);
        return [.. document.RootElement.EnumerateArray().Select(entry =>
        {
            var members = PduByDom.Members(entry)!;
            var port = members["port"];
            return new Contact(
                members["username"].GetString()!,
                members["password"].GetString()!,
                members["ip"].GetString()!,
                port.ValueKind == JsonValueKind.Number ? port.GetInt32() : int.Parse(port.GetString()!, System.Globalization.CultureInfo.InvariantCulture),
                members.TryGetValue("profile", out var profile) ? profile.GetString()! : Contact.DefaultProfile,
                members.TryGetValue("as", out var knownAs) ? knownAs.GetString() : null);
        })];
    }
}
