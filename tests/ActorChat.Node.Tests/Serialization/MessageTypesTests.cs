// Every message says whether it may leave the process, and what may leave carries no secret. The types are found by reflection, so that
// a new one cannot be forgotten.

using System.Reflection;
using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using Akka.Actor;

namespace ActorChat.Node.Tests.Serialization;

public sealed class MessageTypesTests
{
    public static TheoryData<Type> RemotableTypes => new(MessageTypes.Remotable);

    public static TheoryData<Type> RecordsOfActors => new(MessageTypes.RecordsOfActors);

    [Theory]
    [MemberData(nameof(RemotableTypes))]
    public void A_remotable_message_holds_plain_values_and_other_such_messages_only(Type type) =>
        Assert.All(type.GetProperties(BindingFlags.Instance | BindingFlags.Public), member =>
        {
            var held = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
            Assert.True(
                held == typeof(string) || held == typeof(int) || held == typeof(long) || held == typeof(bool) || held == typeof(Guid) || held.IsEnum || IsRemotable(held),
                $"{type}.{member.Name} is a {held}");
            Assert.DoesNotContain("password", member.Name, StringComparison.OrdinalIgnoreCase);
        });

    [Theory]
    [MemberData(nameof(RecordsOfActors))]
    public void Every_message_of_an_actor_says_whether_it_may_leave_the_process(Type type) =>
        Assert.True(
            IsRemotable(type) != typeof(ILocalOnly).IsAssignableFrom(type),
            $"{type} must be marked {nameof(IRemotable)} or {nameof(ILocalOnly)}, and not both.");

    [Fact]
    public void Every_message_that_the_console_answers_with_says_so_too()
    {
        Assert.All([typeof(Typed), typeof(TypedLines)], type => Assert.True(typeof(ILocalOnly).IsAssignableFrom(type))); // the line may be a password
        Assert.All([typeof(ConsoleQueue.Shown), typeof(ConsoleQueue.Broken)], type => Assert.True(typeof(ILocalOnly).IsAssignableFrom(type)));
        Assert.True(typeof(IRemotable).IsAssignableFrom(typeof(InputEnded)));
    }

    private static bool IsRemotable(Type type) => typeof(IRemotable).IsAssignableFrom(type);
}

/// <summary>The Node's message types.</summary>
internal static class MessageTypes
{
    /// <summary>Records that an actor keeps to itself and tells nobody.</summary>
    private static readonly string[] NotMessages = ["ActorChat.Node.ListenerActor+Caller", "ActorChat.Node.SecureLogActor+Waiting"];

    public static IEnumerable<Type> Remotable => NodeTypes.Where(type => !type.IsAbstract && typeof(IRemotable).IsAssignableFrom(type));

    public static IEnumerable<Type> RecordsOfActors => NodeTypes.Where(type =>
        typeof(ActorBase).IsAssignableFrom(type.DeclaringType) && type.GetMethod("<Clone>$") is not null && !NotMessages.Contains(type.FullName));

    private static Type[] NodeTypes => typeof(IRemotable).Assembly.GetTypes();
}
