// Tests of what a process does, which look into /proc: elsewhere the runner lists them as skipped, with the reason.

namespace ActorChat.Node.Tests.Support;

[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = WhyNot;

    internal static string? WhyNot => OperatingSystem.IsLinux() ? null : "only Linux shows processes in /proc";
}

[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute() => Skip = LinuxFactAttribute.WhyNot;
}
