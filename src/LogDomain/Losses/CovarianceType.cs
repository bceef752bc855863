namespace LogDomain.Losses;

/// <summary>What a Gaussian component may look like, and so which scales it has.</summary>
public enum CovarianceType
{
    /// <summary>A deviation for each dimension.</summary>
    Diagonal,

    /// <summary>One deviation for all dimensions: the component is a ball.</summary>
    Spherical,

    /// <summary>Any covariance, by its Cholesky factor.</summary>
    Full,

    /// <summary>Any covariance, by its Cholesky factor, the same for all components of a mixture.</summary>
    Tied,
}
