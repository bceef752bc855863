namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// Tables behind every logarithm of lanes: <c>log(m) = log(m c) - log(c)</c> with a c near 1/m, so that m c is within 1/30 of 1. Of sixteen entries, which one instruction picks from.
/// </summary>
/// <remarks>
/// Each c has eight bits, so that m c is a sum of two numbers without error, and where m is next to 1 it is 1: there nothing is added to the logarithm of m itself. The logarithms are
/// -log(c), by mpmath.
/// </remarks>
internal static class Logarithms
{
    /// <summary>The bits of 0.703125, the least mantissa. From here the intervals of the table are 2^48 bits wide: 1/32 below 1 and 1/16 above, the tenth with 1 inside.</summary>
    public const long LeastMantissa = 0x3FE6800000000000;

    /// <summary>The same for float, 2^19 bits wide.</summary>
    public const int LeastSingleMantissa = 0x3F340000;

    /// <summary>Of t from 0 to 1 the nearest fifteenth says which entry.</summary>
    public const double Fifteenths = 15;

    /// <summary>c for m in interval i.</summary>
    public static ReadOnlySpan<double> Inverses =>
    [
        1.390625, 1.33203125, 1.28125, 1.23046875, 1.18359375, 1.14453125, 1.1015625, 1.06640625,
        1.03125, 1.0, 0.94140625, 0.890625, 0.84375, 0.80078125, 0.76171875, 0.7265625,
    ];

    /// <summary>Multiples of 2^-42, so that adding k times the high part of ln 2 is exact.</summary>
    public static ReadOnlySpan<double> High =>
    [
        -0.32975328637257917, -0.28670503280386583, -0.2478361639045943, -0.20739519434596332,
        -0.16855536102980295, -0.13499516453748583, -0.09672962645845473, -0.06429435070549516,
        -0.03077165866670839, 0, 0.060380510988807146, 0.11583181552509814,
        0.16989903679541385, 0.2221674653410446, 0.2721778859158803, 0.3194307707663029,
    ];

    /// <summary>The rest.</summary>
    public static ReadOnlySpan<double> Low =>
    [
        1.1118671389559323e-13, -8.848109604006821e-14, 1.3029797173308663e-14, -1.0726867577289733e-13,
        -3.714397754170472e-15, -1.8996158041578768e-14, -9.638067658552277e-14, 9.790518511990216e-14,
        -4.529814257790929e-14, 0, 1.0033424888676119e-13, 2.3568822182038756e-14,
        -1.6376276414097503e-14, 1.0970699320566433e-13, -6.465103064005256e-14, 5.834357420090924e-14,
    ];

    /// <summary>c for m = 1 + t with t around i / 15.</summary>
    public static ReadOnlySpan<double> FractionInverses =>
    [
        1.0, 0.9375, 0.8828125, 0.83203125, 0.7890625, 0.75, 0.71484375, 0.68359375,
        0.65234375, 0.625, 0.6015625, 0.578125, 0.5546875, 0.53515625, 0.515625, 0.5,
    ];

    /// <summary>Rounded.</summary>
    public static ReadOnlySpan<double> FractionHigh =>
    [
        0, 0.06453852113757118, 0.1246424452072766, 0.18388527877013736,
        0.2369097470783577, 0.2876820724517809, 0.33569129163814154, 0.38039147055604844,
        0.42718363206280735, 0.4700036292457356, 0.5082248420659333, 0.5479651707154474,
        0.5893503868783018, 0.6251965186514375, 0.6623755218931916, 0.6931471805599453,
    ];

    /// <summary>The rest.</summary>
    public static ReadOnlySpan<double> FractionLow =>
    [
        0, -6.470486661692933e-18, -5.808912678940971e-18, 6.716094199344591e-18,
        1.9682402978398164e-18, 2.607160616442564e-17, -7.183773020381283e-18, -1.7802599561805317e-17,
        1.7851087862331565e-17, -2.3229412495470032e-17, -7.588768892523324e-18, 4.2703624971069435e-17,
        -2.3920619442246964e-17, 1.0592894454709713e-17, 2.21472949355624e-17, 2.3190468138462996e-17,
    ];

    /// <summary><see cref="Inverses"/>.</summary>
    public static ReadOnlySpan<float> SingleInverses =>
    [
        1.390625f, 1.3320312f, 1.28125f, 1.2304688f, 1.1835938f, 1.1445312f, 1.1015625f, 1.0664062f,
        1.03125f, 1f, 0.94140625f, 0.890625f, 0.84375f, 0.80078125f, 0.76171875f, 0.7265625f,
    ];

    /// <summary>Multiples of 2^-17, as the high part of ln 2 for float.</summary>
    public static ReadOnlySpan<float> SingleHigh =>
    [
        -0.32975006f, -0.28670502f, -0.24783325f, -0.20739746f,
        -0.16855621f, -0.1349945f, -0.09673309f, -0.06429291f,
        -0.030769348f, 0f, 0.06037903f, 0.11582947f,
        0.16989899f, 0.22216797f, 0.27217865f, 0.3194275f,
    ];

    /// <summary>The rest.</summary>
    public static ReadOnlySpan<float> SingleLow =>
    [
        -3.2253374e-06f, -1.5714111e-08f, -2.9119515e-06f, 2.2665915e-06f,
        8.523491e-07f, -6.5770155e-07f, 3.4668033e-06f, -1.4429905e-06f,
        -2.3105222e-06f, 0f, 1.4826686e-06f, 2.3477517e-06f,
        4.997899e-08f, -5.0340884e-07f, -7.639865e-07f, 3.280532e-06f,
    ];

    /// <summary><see cref="FractionInverses"/>.</summary>
    public static ReadOnlySpan<float> SingleFractionInverses =>
    [
        1f, 0.9375f, 0.8828125f, 0.83203125f, 0.7890625f, 0.75f, 0.71484375f, 0.68359375f,
        0.65234375f, 0.625f, 0.6015625f, 0.578125f, 0.5546875f, 0.53515625f, 0.515625f, 0.5f,
    ];

    /// <summary>Rounded.</summary>
    public static ReadOnlySpan<float> SingleFractionHigh =>
    [
        0f, 0.06453852f, 0.12464245f, 0.18388528f,
        0.23690975f, 0.2876821f, 0.3356913f, 0.38039148f,
        0.42718363f, 0.47000363f, 0.50822484f, 0.54796517f,
        0.5893504f, 0.6251965f, 0.6623755f, 0.6931472f,
    ];

    /// <summary>The rest.</summary>
    public static ReadOnlySpan<float> SingleFractionLow =>
    [
        0f, -2.4172309e-09f, -1.429877e-09f, 2.4525408e-09f,
        -4.5360545e-11f, -1.37775436e-08f, -1.1376613e-08f, -7.9824645e-09f,
        3.980532e-09f, -5.4455027e-09f, -2.866623e-09f, 1.7625055e-09f,
        -1.5476893e-08f, 2.1376132e-09f, 1.215427e-08f, -1.9046542e-09f,
    ];
}
