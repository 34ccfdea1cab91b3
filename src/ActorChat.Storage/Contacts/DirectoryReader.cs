// Reads the directory file: a JSON list of dictionaries. It is strict, because a misspelled key that is ignored would be a setting that silently
// has no effect. It goes on after a problem, because somebody edits the file by hand and wants to see every problem with its line.

using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace ActorChat.Storage.Contacts;

/// <summary>Something wrong in a directory file.</summary>
/// <param name="Line">The line it is in, from 1.</param>
/// <param name="Entry">The entry it is in, from 1; 0 where it is not in an entry.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record DirectoryProblem(int Line, int Entry, string Message)
{
    /// <summary>The first of a file's problems, and how many more there are, in one line.</summary>
    public static string FirstOf(IReadOnlyList<DirectoryProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        return problems[0] + (problems.Count > 1 ? $" (and {problems.Count - 1} more; see actorchat directory check)" : "");
    }

    /// <summary>Line, entry and message in one line.</summary>
    public override string ToString() => Entry == 0 ? $"line {Line}: {Message}" : $"line {Line}, entry {Entry}: {Message}";
}

/// <summary>An entry without problems, and where it is.</summary>
/// <param name="Line">The line it begins in, from 1.</param>
/// <param name="Number">Its place in the list, from 1.</param>
/// <param name="Contact">What it says.</param>
public sealed record DirectoryEntry(int Line, int Number, Contact Contact);

/// <summary>Parses and validates directory files.</summary>
public static class DirectoryReader
{
    private const string Keys = "username, password, port, ip, profile, as, answers_as, post_quantum";

    /// <summary>The longest user name, in bytes of UTF-8. It keeps a dh_1 far below the size limit for unauthenticated peers.</summary>
    private const int MaxNameSize = 255;

    private static readonly string[] Profiles = [Contact.DefaultProfile, Contact.ClassicProfile];

    // The keys that only the modern profile supports.
    private static readonly string[] ModernKeys = ["answers_as", "post_quantum"];

    // .NET's globalization-invariant mode silently leaves text as it is.
    private static readonly bool CanNormalise = "a\u0308".Normalize(System.Text.NormalizationForm.FormC) == "\u00e4";

    /// <summary>Reads a directory.</summary>
    /// <param name="utf8">The file's bytes; a byte order mark is passed over.</param>
    /// <param name="problems">Everything that is wrong, in the file's order; empty when all is well.</param>
    /// <returns>The directory, or null when there are problems.</returns>
    public static ContactDirectory? Read(ReadOnlySpan<byte> utf8, out IReadOnlyList<DirectoryProblem> problems) => Read(utf8, out problems, out _);

    /// <summary>Reads a directory, and says where its entries are.</summary>
    /// <param name="utf8">The file's bytes; a byte order mark is passed over.</param>
    /// <param name="problems">Everything that is wrong, in the file's order; empty when all is well.</param>
    /// <param name="entries">The sound entries, even when others are not; none when the file is not JSON.</param>
    /// <param name="canNormalise">Whether passwords can be normalised to Unicode's form C here, as the key agreement needs them; null asks .NET.</param>
    /// <returns>The directory, or null when there are problems.</returns>
    public static ContactDirectory? Read(
        ReadOnlySpan<byte> utf8, out IReadOnlyList<DirectoryProblem> problems, out IReadOnlyList<DirectoryEntry> entries, bool? canNormalise = null)
    {
        var found = new List<DirectoryProblem>();
        problems = found;
        entries = [];
        var json = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        if (!Utf8.IsValid(json))
        {
            found.Add(new DirectoryProblem(1, 0, "the file is not UTF-8 text: save it as UTF-8"));
            return null;
        }

        try
        {
            entries = ReadList(json, found, canNormalise ?? CanNormalise);
            return found.Count == 0 ? new ContactDirectory(entries.Select(entry => entry.Contact)) : null;
        }
        catch (JsonException e)
        {
            found.Add(new DirectoryProblem((int)(e.LineNumber ?? 0) + 1, 0, "this is not JSON: " + FirstSentence(e.Message)));
            return null;
        }
    }

    /// <summary>What is wrong with a user name, as the end of a sentence; null when nothing is.</summary>
    public static string? ProblemWithName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name switch
        {
            "" => "is empty",
            _ when System.Text.Encoding.UTF8.GetByteCount(name) > MaxNameSize => $"is longer than {MaxNameSize} bytes",
            _ when name.Any(c => char.IsControl(c) || c is ',' or '@') || name.Trim() != name => "may not hold control characters, commas or @, nor begin or end with a space",
            _ when Unseen.IsIn(name) => "holds a character that shows as nothing (such as U+200B): it would look like another name",
            _ => null,
        };
    }

    private static List<DirectoryEntry> ReadList(ReadOnlySpan<byte> utf8, List<DirectoryProblem> problems, bool canNormalise)
    {
        var entries = new List<DirectoryEntry>();
        var lines = new LineCounter();
        var json = new Utf8JsonReader(utf8);
        json.Read();
        if (json.TokenType != JsonTokenType.StartArray)
        {
            problems.Add(new DirectoryProblem(lines.LineOf(utf8, json.TokenStartIndex), 0, "the file must be a list of dictionaries: [ {…}, {…} ]"));
            return entries;
        }

        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var entry = 1; json.Read() && json.TokenType != JsonTokenType.EndArray; entry++)
        {
            var line = lines.LineOf(utf8, json.TokenStartIndex);
            if (new EntryReader(entry, problems, lines, canNormalise).Read(utf8, ref json) is not { } contact)
            {
                continue;
            }

            if (names.TryGetValue(contact.Username, out var first))
            {
                problems.Add(new DirectoryProblem(line, entry, $"the name \"{contact.Username}\" is already that of entry {first}: a name may appear only once"));
                continue;
            }

            names.Add(contact.Username, entry);
            entries.Add(new DirectoryEntry(line, entry, contact));
        }

        json.Read();
        return entries;
    }

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }

    // Counts lines onwards from the last position asked for, so that a large file is not counted from its start for each key.
    private sealed class LineCounter
    {
        private int _position;
        private int _line = 1;

        public int LineOf(ReadOnlySpan<byte> utf8, long position)
        {
            _line += utf8[_position..(int)position].Count((byte)'\n');
            _position = (int)position;
            return _line;
        }
    }

    // One dictionary of the list.
    private sealed class EntryReader(int entry, List<DirectoryProblem> problems, LineCounter lines, bool canNormalise)
    {
        private readonly int _problemsBefore = problems.Count;
        private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

        public Contact? Read(ReadOnlySpan<byte> utf8, ref Utf8JsonReader json)
        {
            var line = lines.LineOf(utf8, json.TokenStartIndex);
            if (json.TokenType != JsonTokenType.StartObject)
            {
                json.Skip();
                Add(line, $"an entry must be a dictionary with {Keys}");
                return null;
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                ReadMember(utf8, ref json);
            }

            foreach (var key in new[] { "username", "password", "port", "ip" })
            {
                if (!_seen.Contains(key))
                {
                    Add(line, $"the key \"{key}\" is missing");
                }
            }

            if (_values.GetValueOrDefault("profile") == Contact.ClassicProfile)
            {
                foreach (var key in ModernKeys.Where(_values.ContainsKey))
                {
                    Add(line, $"\"{key}\" has no place beside \"profile\": \"{Contact.ClassicProfile}\", which does not support it: take one of the two out");
                }
            }

            return problems.Count == _problemsBefore
                ? new Contact(
                    _values["username"],
                    _values["password"],
                    _values["ip"],
                    int.Parse(_values["port"], CultureInfo.InvariantCulture),
                    _values.GetValueOrDefault("profile", Contact.DefaultProfile),
                    _values.GetValueOrDefault("as"),
                    _values.GetValueOrDefault("answers_as"),
                    RequiresPostQuantum: _values.ContainsKey("post_quantum"))
                : null;
        }

        private void ReadMember(ReadOnlySpan<byte> utf8, ref Utf8JsonReader json)
        {
            var line = lines.LineOf(utf8, json.TokenStartIndex);
            if (!TryGetString(ref json, out var key))
            {
                Add(line, $"a key is not valid Unicode text; the keys are {Keys}");
                json.Skip();
                return;
            }

            json.Read();
            string? problem;
            if (!_seen.Add(key))
            {
                problem = $"the key \"{key}\" appears twice: keep one";
            }
            else if (key is "username" or "password" or "ip" or "profile" or "as" or "answers_as" or "post_quantum" or "port")
            {
                problem = Value(key, ref json) is { } value ? Check(key, value) : $"\"{key}\" must be {(key == "port" ? "a number" : "text in quotes")}";
            }
            else
            {
                problem = Keys.Split(", ").Contains(key.ToLowerInvariant())
                    ? $"the key \"{key}\" must be in lower case: \"{key.ToLowerInvariant()}\""
                    : $"the key \"{key}\" is unknown; the keys are {Keys}";
            }

            json.Skip();
            if (problem is not null)
            {
                Add(line, problem);
            }
        }

        // A string, or for the port also a number, which is kept as written and checked like a string.
        private static string? Value(string key, ref Utf8JsonReader json) => json.TokenType switch
        {
            JsonTokenType.String when TryGetString(ref json, out var text) => text,
            JsonTokenType.Number when key == "port" => System.Text.Encoding.ASCII.GetString(json.ValueSpan),
            _ => null,
        };

        private string? Check(string key, string value)
        {
            _values[key] = value;
            return key switch
            {
                "username" or "as" or "answers_as" => ProblemWithName(value) is { } problem ? $"\"{key}\" {problem}" : null,
                "password" when value.Length == 0 => "the password is empty: both sides need the same secret here",
                "password" when !canNormalise && !System.Text.Ascii.IsValid(value) =>
                    "the password has characters that are not ASCII, and this system's .NET cannot normalise them: install ICU (Debian: libicu) and unset " +
                    "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT, or agree on an ASCII password",
                "ip" when value.Length == 0 || value.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) => "\"ip\" must be an address or a host name",
                "port" when !ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0 =>
                    $"the port {value} is out of range: it must be 1 to 65535",
                "profile" when !Profiles.Contains(value) => $"the profile \"{value}\" is unknown; there is {string.Join(", ", Profiles)}",
                "post_quantum" when value != Contact.Required => $"\"post_quantum\" must be \"{Contact.Required}\", or be left out",
                _ => null,
            };
        }

        private static bool TryGetString(ref Utf8JsonReader json, out string text)
        {
            try
            {
                text = json.GetString()!;
                return true;
            }
            catch (InvalidOperationException)
            {
                text = ""; // a lone surrogate
                return false;
            }
        }

        private void Add(int line, string message) => problems.Add(new DirectoryProblem(line, entry, message));
    }
}
