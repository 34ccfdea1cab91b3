// Where a user's own files are when the command line does not name them: the settings and the directory, as "actorchat init" makes them.

using ActorChat.Node;
using Akka.Configuration;

namespace ActorChat;

/// <summary>The folder of the user's settings and contacts: <c>$XDG_CONFIG_HOME/actorchat</c>, or <c>~/.config/actorchat</c>.</summary>
internal static class Home
{
    private const string SettingsName = "actorchat.conf";
    private const string DirectoryName = "directory.json";

    /// <summary>The settings file that is read where <c>--config</c> names none.</summary>
    public static string SettingsFile => Path.Combine(Folder, SettingsName);

    /// <summary>The directory file where neither <c>--directory</c> nor the settings name one.</summary>
    public static string DirectoryFile => Path.Combine(Folder, DirectoryName);

    // Without a home folder it is the current folder.
    private static string Folder =>
        Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { } configured && Path.IsPathRooted(configured) ? Path.Combine(configured, "actorchat")
        : OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "actorchat")
        : Path.IsPathRooted(User) ? Path.Combine(User, ".config", "actorchat")
        : "";

    private static string User => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>The settings: of the file that <c>--config</c> names, or of the user's own, where there is one.</summary>
    /// <exception cref="SettingsException">They are wrong.</exception>
    public static (Config Config, NodeSettings Settings) LoadSettings(string? given) =>
        NodeSettings.Load(given is not null ? Expand(given) : File.Exists(SettingsFile) ? SettingsFile : null);

    /// <summary>The directory file: the one that the command line names, that of the settings, or the user's own.</summary>
    public static string DirectoryOf(string? given, StartSettings start) =>
        given is not null ? Expand(given) : start.Directory.Length > 0 ? Expand(start.Directory) : DirectoryFile;

    /// <summary>The state folder that the command line or the settings name; null for the one of the name.</summary>
    public static string? StateOf(string? given, StartSettings start) =>
        given is not null ? Expand(given) : start.State.Length > 0 ? Expand(start.State) : null;

    /// <summary>A path with the home folder in place of a <c>~</c> at its beginning, which a shell would expand.</summary>
    public static string Expand(string path) =>
        !Path.IsPathRooted(User) || (path != "~" && !path.StartsWith("~/", StringComparison.Ordinal)) ? path : User + path[1..];

    /// <summary>A path as people write it, with <c>~</c> for their home folder.</summary>
    public static string Shorten(string path) =>
        Path.IsPathRooted(User) && path.StartsWith(User + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? "~" + path[User.Length..] : path;
}
