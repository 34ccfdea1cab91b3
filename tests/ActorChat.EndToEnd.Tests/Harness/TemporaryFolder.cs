// A folder that a test's nodes run in and write to, and that is gone afterwards.

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>A temporary folder.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string Path { get; } = Directory.CreateTempSubdirectory("actorchat-e2e-").FullName;

    /// <summary>Writes a file of the user's own, as a careful user does, and gives its full name.</summary>
    public string Write(string name, string content)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    /// <summary>Writes a directory file and gives its full name.</summary>
    public string WriteDirectory(string name, params IEnumerable<Entry> entries) => Write(name, JsonSerializer.Serialize(entries, Plain));

    /// <summary>Writes a file into the folder of the user's own files.</summary>
    public string WriteOwn(string name, string content)
    {
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "config", "actorchat"));
        return Write(System.IO.Path.Combine("config", "actorchat", name), content);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>An entry of a directory file.</summary>
internal sealed record Entry(string Username, string Password, int Port, string Ip = "127.0.0.1", string? As = null, string? Profile = null)
{
    /// <summary>The secret that two of a test's people share.</summary>
    public static string Secret(string one, string other) => string.CompareOrdinal(one, other) < 0 ? $"only {one} and {other} know" : Secret(other, one);
}
