# Calls methods of Znuny's modules as an agent: [module, method, {arguments}] each, as JSON on standard input.
# What a call sets off (history, escalation, notifications) runs before the next one, as at the end of a request. Then
# comes the job that writes escalations into histories.
use strict;
use warnings;
use JSON::XS ();
use Kernel::System::ObjectManager;

local $Kernel::OM = Kernel::System::ObjectManager->new( 'Kernel::System::Log' => { LogPrefix => 'live' } );
my $login = shift;
utf8::decode($login);
my $agent = $Kernel::OM->Get('Kernel::System::User')->UserLookup( UserLogin => $login ) or die "no agent $login\n";
my $tickets = $Kernel::OM->Get('Kernel::System::Ticket');
for my $call ( @{ JSON::XS->new->utf8->decode( do { local $/ = undef; <STDIN> } ) } ) {
    my ( $module, $method, $arguments ) = @{$call};
    $Kernel::OM->Get("Kernel::System::$module")->$method( UserID => $agent, %{$arguments} )
        or die "$module->$method failed\n";
    $tickets->EventHandlerTransaction() while $tickets->EventHandlerHasQueuedTransactions();
    print "done\n";
}

# Escalations are written once a day for each ticket, and in working hours; here they come at once, at any hour. They
# leave the time of a ticket's last change alone.
my %now = (
    'OTRSEscalationEvents::DecayTime' => 0,
    'TimeWorkingHours'                => { map { $_ => [ 0 .. 23 ] } qw(Mon Tue Wed Thu Fri Sat Sun) },
    'TimeVacationDays'                => {},
    'TimeVacationDaysOneTime'         => {},
);
$Kernel::OM->Get('Kernel::Config')->Set( Key => $_, Value => $now{$_} ) for sort keys %now;
open STDOUT, '>&', \*STDERR or die;
exit $Kernel::OM->Get('Kernel::System::Console::Command::Maint::Ticket::EscalationCheck')->Execute();
