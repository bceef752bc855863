namespace LogDomain.Kernels.Sequences;

/// <summary>
/// One non-negative number for each state of a chain, up to the factor of a <see cref="LogFrame"/>: as they are, and as logarithms where some are too small to be kept as they are.
/// </summary>
/// <remarks>
/// <para>
/// Numbers are kept as they are while that is exact: additions and multiplications of non-negative numbers lose half an ulp each and nothing by cancellation, however many steps there are. What lies more
/// than <see cref="Lost"/> below the largest is 0 in <see cref="Linear"/>, and then <see cref="HasLogs"/> is set and <see cref="Logs"/> holds the logarithms of all. A product with a state that has lost
/// something is right if it comes out far above what can have been lost, and is done again with logarithms if it does not: <see cref="ChainSteps{TLanes}"/>.
/// </para>
/// <para>Numbers beyond the states, up to a whole number of vectors, are 0.</para>
/// </remarks>
internal unsafe struct ChainState
{
    /// <summary>
    /// 2^-250. A product of two such numbers, and of that with a third, is still a normal number. What is lost in a state is below 2^-210 of its largest number (2^-250 before an emission, which may raise it
    /// against the others by 2^40: <see cref="SmallestAfterLoss"/>).
    /// </summary>
    public const double Lost = 5.527147875260445e-76;

    /// <summary>ln 2^-250, rounded up.</summary>
    public const double LogLost = -173.28;

    /// <summary>2^-150. A sum of K products from K * 2^-150 on is right to 2^-60 whatever else is lost; below it is done again.</summary>
    public const double Doubtful = 7.006492321624085e-46;

    /// <summary>2^-300. A largest number below this may be wrong, because others have underflowed on the way.</summary>
    public const double Smallest = 4.909093465297727e-91;

    /// <summary>2^-39. The same where something below 2^-250 had been lost before the emission.</summary>
    public const double SmallestAfterLoss = 1.8189894035458565e-12;

    public double* Linear;
    public double* Logs;

    /// <summary>Whether some numbers are 0 in <see cref="Linear"/> and not 0.</summary>
    public bool HasLogs;
}
