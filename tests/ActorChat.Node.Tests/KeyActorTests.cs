// Who derives what, when, and how often; and that nobody can tell a known name from an unknown one by it.

using System.Security.Cryptography;
using System.Text;
using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node.Tests;

public sealed class KeyActorTests : NodeTestKit
{
    private readonly LogFolder _folder = new(Directory.CreateTempSubdirectory("actorchat").FullName);
    private readonly FakeProfile _profile = new();
    private readonly IActorRef _keys;
    private readonly Pdu _dh1 = ReadDh1();

    public KeyActorTests()
    {
        LogKey.Create(_folder, passphrase: null).Dispose();
        _keys = NewKeyActor(maxSecrets: 100);
    }

    [Fact]
    public void A_secret_is_derived_once_however_many_ask_for_it()
    {
        _profile.Hold("alice");
        for (var i = 0; i < 5; i++)
        {
            Initiate(Credential("alice"));
        }

        _profile.Release("alice");
        var secrets = Enumerable.Range(0, 5).Select(_ => ExpectInitiated()).ToArray();
        Assert.Single(secrets.Distinct());
        Initiate(Credential("alice"));
        Assert.Equal(secrets[0], ExpectInitiated());
        Assert.Equal(1, _profile.DerivationsOf("alice"));
    }

    [Fact]
    public void Another_password_or_another_name_is_another_secret()
    {
        KeyActor.Credential[] credentials = [Credential("alice"), Credential("bob"), Credential("alice", password: "other")];
        Array.ForEach(credentials, Initiate);
        Assert.Equal(3, credentials.Select(_ => ExpectInitiated()).Distinct().Count());
    }

    [Fact]
    public void A_conversation_gets_the_secret_of_its_own_credential()
    {
        using var expected = _profile.DeriveUserSecret("password", "alice");
        Initiate(Credential("alice"));
        Assert.Equal(Convert.ToHexString(FakeProfile.Fingerprint(expected)), ExpectInitiated());
    }

    [Fact]
    public void The_whole_directory_is_prepared_the_incoming_conversations_first()
    {
        Prepare(["bob", "carol"], ["alice"]);
        Initiate(Credential("alice"));
        ExpectInitiated();
        Assert.Equal(["derived bob", "derived carol", "derived alice"], _profile.Log);
        Prepare(["carol", "bob"], ["alice"]);
        Initiate(Credential("dave"));
        ExpectInitiated();
        Assert.Equal(["derived bob", "derived carol", "derived alice", "derived dave"], _profile.Log);
    }

    [Fact]
    public void While_secrets_are_prepared_a_contact_waits_for_its_own_and_a_stranger_for_the_next()
    {
        Array.ForEach(["bob", "carol", "dave"], _profile.Hold);
        Prepare(["bob", "carol", "dave"], ["alice"]);
        Respond("stranger", known: false); // two derivations run at once, so this one waits for dave's
        Respond("bob", known: true);
        DrainAgreements();
        Assert.Empty(_profile.Log);

        _profile.Release("bob");
        ExpectAgreed();
        Assert.Equal(["derived bob", "responded"], _profile.Log);

        _profile.Release("carol");
        _profile.Release("dave");
        ExpectAgreed();
        Assert.Equal(0, _profile.DerivationsOf("stranger"));
        Assert.True(_profile.Log.ToList().IndexOf("derived dave") < _profile.Log.ToList().LastIndexOf("responded"));
    }

    [Fact]
    public void A_contact_whose_secret_is_there_waits_too_while_others_are_prepared()
    {
        _profile.Hold("carol");
        Prepare(["bob", "carol"], []);
        MustHappen(() => _profile.DerivationsOf("bob") == 1);
        WaitUntilQuiet(_keys);
        Respond("bob", known: true);
        DrainAgreements();
        Assert.DoesNotContain("responded", _profile.Log);
        _profile.Release("carol");
        ExpectAgreed();
    }

    [Fact]
    public void What_somebody_waits_for_is_derived_before_what_is_only_prepared()
    {
        string[] others = ["bob", "carol", .. Enumerable.Range(0, 19).Select(i => $"contact {i}")];
        Array.ForEach(others, _profile.Hold);
        Prepare([.. others, "contact 19"], []);
        Respond("contact 19", known: true);
        _profile.Release("bob");
        ExpectAgreed();
        Assert.Equal(["derived bob", "derived contact 19", "responded"], _profile.Log); // contacts 0 to 18 still wait
        _profile.ReleaseAll();
    }

    [Fact]
    public void A_second_preparation_of_what_is_there_holds_nobody_up()
    {
        Prepare(["bob"], []);
        Respond("bob", known: true);
        ExpectAgreed();
        Prepare(["bob"], []);
        Respond("bob", known: true);
        ExpectAgreed();
        Assert.Equal(1, _profile.DerivationsOf("bob"));
    }

    [Fact]
    public void A_slow_derivation_delays_no_agreement()
    {
        _profile.Hold("alice");
        Initiate(Credential("alice"));
        Respond("stranger", known: false);
        ExpectAgreed();
    }

    [Fact]
    public void An_unknown_name_has_the_same_secret_each_time_and_another_name_another()
    {
        var secret = SecretOfUnknown(_keys, "mallory");
        Assert.Equal(secret, SecretOfUnknown(_keys, "mallory"));
        Assert.NotEqual(secret, SecretOfUnknown(_keys, "Mallory"));
        Assert.NotEqual(secret, SecretOfUnknown(_keys, ""));
        Assert.Empty(_profile.Derived); // what a stranger sends must not cost an Argon2id
    }

    [Fact]
    public void Nobody_outside_can_compute_the_secret_of_an_unknown_name() =>
        Assert.NotEqual(SecretOfUnknown(_keys, "mallory"), SecretOfUnknown(NewKeyActor(maxSecrets: 1), "mallory"));

    [Fact]
    public void A_known_name_is_answered_with_its_contacts_secret()
    {
        Respond("bob", known: true);
        var secret = ExpectAgreed();
        Initiate(Credential("bob"));
        Assert.Equal(secret, ExpectInitiated());
        Assert.NotEqual(secret, SecretOfUnknown(_keys, "bob"));
    }

    [Fact]
    public void A_derivation_that_fails_is_told_to_all_who_wait_for_it_and_tried_again_for_the_next()
    {
        _profile.Failing["alice"] = "no ICU here";
        _profile.Hold("alice");
        Initiate(Credential("alice"));
        Respond("alice", known: true);
        _profile.Release("alice");
        Assert.Equal("no ICU here", ExpectMsg<KeyActor.Failed>().Reason);
        Assert.Equal("no ICU here", ExpectMsg<KeyActor.Failed>().Reason);

        _profile.Failing.Clear();
        Initiate(Credential("alice"));
        ExpectInitiated();
    }

    [Fact]
    public void One_contact_whose_secret_cannot_be_derived_does_not_close_the_door_for_all()
    {
        _profile.Failing["bob"] = "no ICU here";
        Prepare(["bob"], []);
        Respond("stranger", known: false);
        ExpectAgreed();
    }

    [Fact]
    public void A_secret_beyond_the_bound_is_cleared_and_derived_again_when_it_is_needed()
    {
        var keys = NewKeyActor(maxSecrets: 2);
        foreach (var name in new[] { "alice", "bob", "alice", "carol" })
        {
            keys.Tell(new KeyActor.Initiate(Credential(name), 1.5), TestActor);
            ExpectInitiated();
        }

        WaitUntilQuiet(keys);
        Assert.Equal([false, true, false], _profile.Derived.Select(FakeProfile.IsCleared)); // alice was used after bob

        keys.Tell(new KeyActor.Initiate(Credential("bob"), 1.5), TestActor);
        ExpectInitiated();
        Assert.Equal((1, 2, 1), (_profile.DerivationsOf("alice"), _profile.DerivationsOf("bob"), _profile.DerivationsOf("carol")));
    }

    [Fact]
    public void A_restart_with_the_same_directory_derives_nothing_again()
    {
        Prepare(["bob", "carol"], ["alice"]);
        MustHappen(HasKeptSecrets);
        var again = NewKeyActor(maxSecrets: 1);
        Prepare(again, ["bob", "carol"], ["alice"]);
        Assert.Equal(SecretOfContact(_keys, "bob"), SecretOfContact(again, "bob"));
        Assert.Equal(SecretOfContact(_keys, "carol"), SecretOfContact(again, "carol"));
        again.Tell(new KeyActor.Initiate(Credential("alice"), 1.5), TestActor);
        ExpectInitiated();
        Assert.Equal(["derived bob", "derived carol", "derived alice"], _profile.Log.Where(entry => entry != "responded"));
    }

    [Theory]
    [InlineData("another directory")]
    [InlineData("an altered file")]
    [InlineData("a folder in the file's place")]
    public void What_was_kept_for_another_directory_or_was_altered_is_not_used(string what)
    {
        Prepare(["bob"], []);
        MustHappen(HasKeptSecrets);
        switch (what)
        {
            case "an altered file":
                var bytes = File.ReadAllBytes(SecretsPath);
                bytes[^1] ^= 1;
                File.WriteAllBytes(SecretsPath, bytes);
                break;
            case "a folder in the file's place":
                File.Delete(SecretsPath);
                Directory.CreateDirectory(SecretsPath);
                break;
        }

        var again = NewKeyActor(maxSecrets: 1);
        Prepare(again, ["bob"], [], directory: what == "another directory" ? what : "as it is");
        SecretOfContact(again, "bob");
        Assert.Equal(2, _profile.DerivationsOf("bob"));
    }

    [Fact]
    public void Nothing_is_kept_while_a_secret_is_missing()
    {
        _profile.Failing["carol"] = "no ICU here";
        Prepare(["bob", "carol"], []);
        MustHappen(() => _profile.DerivationsOf("carol") == 1);
        SecretOfContact(_keys, "bob");
        Prepare(NewKeyActor(maxSecrets: 1), ["bob"], []);
        MustHappen(() => _profile.DerivationsOf("bob") == 2);
    }

    [Fact]
    public void A_contact_that_leaves_the_directory_takes_its_secret_along()
    {
        Prepare(["bob", "carol"], []);
        SecretOfContact(_keys, "bob");
        SecretOfContact(_keys, "carol");
        Prepare(["carol"], []);
        SecretOfContact(_keys, "carol");
        Assert.Equal((1, 1), (_profile.Derived.Count(FakeProfile.IsCleared), _profile.DerivationsOf("carol")));
    }

    [Fact]
    public void The_secrets_of_the_directory_are_all_kept_however_many_passwords_are_typed()
    {
        var keys = NewKeyActor(maxSecrets: 1);
        Prepare(keys, ["bob", "carol", "dave"], []);
        foreach (var typed in new[] { "one", "two", "three" })
        {
            keys.Tell(new KeyActor.Initiate(Credential("alice", typed), 1.5), TestActor);
            ExpectInitiated();
        }

        Array.ForEach(["bob", "carol", "dave"], name => SecretOfContact(keys, name));
        Assert.Equal((1, 1, 1), (_profile.DerivationsOf("bob"), _profile.DerivationsOf("carol"), _profile.DerivationsOf("dave")));
    }

    [Fact]
    public void Every_secret_is_cleared_when_the_node_stops()
    {
        Prepare(["bob", "carol"], []);
        Respond("bob", known: true);
        ExpectAgreed();
        Watch(_keys);
        _keys.Tell(PoisonPill.Instance);
        ExpectTerminated(_keys);
        Assert.Equal([true, true], _profile.Derived.Select(FakeProfile.IsCleared));
    }

    [Fact]
    public void The_copy_that_an_agreement_was_made_with_is_cleared_before_its_answer_goes_out()
    {
        Initiate(Credential("alice"));
        ExpectInitiated();
        Respond("alice", known: true);
        ExpectAgreed();
        Respond("stranger", known: false);
        ExpectAgreed();
        Assert.Equal([true, true, true], _profile.Used.Select(FakeProfile.IsCleared));
        Assert.False(FakeProfile.IsCleared(_profile.Derived.Single()));
    }

    [Fact]
    public void The_copy_is_cleared_when_the_agreement_fails_too()
    {
        _profile.FailsAgreements = true;
        Initiate(Credential("alice"));
        ExpectMsg<KeyActor.Failed>();
        Respond("stranger", known: false);
        ExpectMsg<KeyActor.Failed>();
        Assert.Equal([true, true], _profile.Used.Select(FakeProfile.IsCleared));
    }

    [Fact]
    public void An_agreement_that_the_profile_refuses_is_refused()
    {
        var initiation = NewInitiation();
        _profile.RefusesAgreements = true;
        Respond("stranger", known: false);
        ExpectMsg<KeyActor.Refused>();
        Complete(initiation);
        ExpectMsg<KeyActor.Refused>();
    }

    [Fact]
    public void An_agreement_that_fails_is_told_at_once_and_the_next_one_works()
    {
        var initiation = NewInitiation();
        _profile.FailsAgreements = true;
        Initiate(Credential("alice"));
        Assert.Equal("out of luck", ExpectMsg<KeyActor.Failed>().Reason);
        Respond("stranger", known: false);
        Assert.Equal("out of luck", ExpectMsg<KeyActor.Failed>().Reason);
        Complete(initiation);
        Assert.Equal("out of luck", ExpectMsg<KeyActor.Failed>().Reason);

        _profile.FailsAgreements = false;
        Complete(initiation);
        ExpectAgreed();
    }

    [Fact]
    public void A_credential_shows_its_name_and_never_its_password() => Assert.Equal("alice", Credential("alice").ToString());

    protected override void AfterAll()
    {
        _profile.ReleaseAll();
        Shutdown(); // no secrets are being kept any more
        base.AfterAll();
        Directory.Delete(_folder.Path, recursive: true);
    }

    private static Pdu ReadDh1()
    {
        using var secret = new UserSecret(new byte[UserSecret.Size]);
        using var initiation = ModernProfile.Instance.Initiate(secret, "alice", timestamp: 1.5, SystemRandomSource.Instance);
        Assert.Equal(Verdict.Accept, PduReader.Read(initiation.Dh1, PduFormat.Modern, out var pdu));
        return pdu!;
    }

    private IActorRef NewKeyActor(int maxSecrets) => Sys.ActorOf(KeyActor.Props(maxSecrets, SystemRandomSource.Instance));

    private KeyActor.Credential Credential(string name, string password = "password") => new(_profile, password, name);

    private void Prepare(string[] incoming, string[] outgoing) => Prepare(_keys, incoming, outgoing);

    private void Prepare(IActorRef keys, string[] incoming, string[] outgoing, string directory = "as it is")
    {
        using var key = LogKey.Open(_folder, passphrase: null);
        keys.Tell(
            new KeyActor.Prepare(
                [.. incoming.Select(name => Credential(name))],
                [.. outgoing.Select(name => Credential(name))],
                key.SecretsFile(_folder),
                SHA256.HashData(Encoding.UTF8.GetBytes(directory))),
            TestActor);
    }

    private void Initiate(KeyActor.Credential credential) => _keys.Tell(new KeyActor.Initiate(credential, 1.5), TestActor);

    private void Respond(string name, bool known) => Respond(_keys, name, known);

    private void Respond(IActorRef keys, string name, bool known) =>
        keys.Tell(new KeyActor.Respond(_profile, name, known ? Credential(name) : null, _dh1, "us", 1.5), TestActor);

    private void Complete(IInitiation initiation) => _keys.Tell(new KeyActor.Complete(initiation, _dh1), TestActor);

    // Each agreement worker has had several turns when this returns, so whatever was given to one before has been done.
    private void DrainAgreements()
    {
        var initiation = NewInitiation();
        for (var i = 0; i < 20; i++)
        {
            Complete(initiation);
        }

        for (var i = 0; i < 20; i++)
        {
            ExpectAgreed();
        }
    }

    private IInitiation NewInitiation()
    {
        using var secret = new UserSecret(new byte[UserSecret.Size]);
        var initiation = _profile.Initiate(secret, "alice", 1.5, SystemRandomSource.Instance);
        _profile.Used.Clear();
        return initiation;
    }

    private string SecretsPath => Path.Combine(_folder.Path, "secrets.sealed");

    private bool HasKeptSecrets() => File.Exists(SecretsPath);

    private string SecretOfContact(IActorRef keys, string name)
    {
        Respond(keys, name, known: true);
        return ExpectAgreed();
    }

    private string SecretOfUnknown(IActorRef keys, string name)
    {
        Respond(keys, name, known: false);
        return ExpectAgreed();
    }

    private string ExpectInitiated()
    {
        using var initiation = ExpectMsg<KeyActor.Initiated>().Initiation;
        return Convert.ToHexString(initiation.Dh1);
    }

    private string ExpectAgreed()
    {
        var agreement = ExpectMsg<KeyActor.Agreed>().Agreement;
        agreement.Keys.Dispose();
        return Convert.ToHexString(agreement.Dh2);
    }
}
