-- Places customers into the groups of a study by its frozen model, as `personas assign` does. It reads a table
--   customers with one row per customer and these columns:
-- Numbers, as the study's customer features define them (shares from 0 to 1): "orders", "recency_days",
--   "average_order_value", "discount_share", "lines", "coupon_share", "monday_share", "saturday_share",
--   "sunday_share", "morning_share", "evening_share", "channel_web_share", "channel_app_share".
-- Answers on a scale, counted from 0: "origin", "ingredients", "pay_more", "packaging", "wait_sale", "compare",
--   "coupon_first", "little_time", "fixed_day", "doubt_labels".
-- Ticked 1 or not ticked 0: "reasons: price", "reasons: less harm to nature", "reasons: quality", "reasons: fast
--   delivery", "reasons: invoice", "reasons: smell".
-- Answers as text: "household", "buys_for".
-- NULL means not known. A missing number of behaviour takes the median of the study, a question that was not
--   answered adds nothing, and without orders (NULL or 0) the model does not place anybody.
-- It gives customer_id, persona (persona-1, persona-2, persona-3, one-order, no-order and unassigned), its
--   probability, and p_ for each group of the model, which is NULL where a rule decided.
WITH units AS (
SELECT
  "customer_id",
  "origin",
  "ingredients",
  "pay_more",
  "packaging",
  "wait_sale",
  "compare",
  "coupon_first",
  "little_time",
  "fixed_day",
  "doubt_labels",
  "household",
  "buys_for",
  "reasons: price",
  "reasons: less harm to nature",
  "reasons: quality",
  "reasons: fast delivery",
  "reasons: invoice",
  "reasons: smell",
  (
    LN(
      GREATEST(
        LEAST(
          COALESCE(
            CASE
              WHEN "recency_days" BETWEEN -1E+300 AND 1e+300
              THEN "recency_days"
              ELSE NULL
            END,
            24.99999999944147
          ),
          206.36943837856785
        ),
        1.0000000000801095
      ) + 1
    ) - 3.232648742
  ) / 1.238095783 AS "z_recency_days",
  (
    LN(
      GREATEST(
        LEAST(
          COALESCE(
            CASE WHEN "orders" BETWEEN -1E+300 AND 1e+300 THEN "orders" ELSE NULL END,
            7.000000002561313
          ),
          24.365436737856722
        ),
        2.000000000995671
      ) + 1
    ) - 2.040167148
  ) / 0.5441689923 AS "z_orders",
  (
    LN(
      GREATEST(
        LEAST(
          COALESCE(
            CASE
              WHEN "average_order_value" BETWEEN -1E+300 AND 1e+300
              THEN "average_order_value"
              ELSE NULL
            END,
            31.391923369369017
          ),
          134.48444721082163
        ),
        7.833259943442284
      ) + 1
    ) - 3.555411871
  ) / 0.6679847088 AS "z_average_order_value",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "discount_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("discount_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "lines" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("lines", 0.0)
                  ELSE NULL
                END
              ) + 1.351836681
            ) / (
              (
                CASE
                  WHEN "lines" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("lines", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "discount_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("discount_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "lines" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("lines", 0.0)
                    ELSE NULL
                  END
                )
              ) + 1.444948446
            )
          ),
          -0.05363322493
        ),
        2.709999291
      ),
      -2.01894981
    ) - 0.1361090825
  ) / 1.185203948 AS "z_discount_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "coupon_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("coupon_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 0.526813912
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "coupon_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("coupon_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 1.047157582
            )
          ),
          -0.9748316494
        ),
        2.115689368
      ),
      -3.497983126
    ) - -0.9713839625
  ) / 1.456962077 AS "z_coupon_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "monday_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("monday_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.006807402
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "monday_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("monday_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 3.239053739
            )
          ),
          -1.412340398
        ),
        0.472437075
      ),
      -2.950157926
    ) - -1.334638537
  ) / 0.823914151 AS "z_monday_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "saturday_share" + "sunday_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("saturday_share" + "sunday_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.60021198
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "saturday_share" + "sunday_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("saturday_share" + "sunday_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 4.563271164
            )
          ),
          -1.166841069
        ),
        0.2857238137
      ),
      -2.50351778
    ) - -1.141895452
  ) / 0.629387205 AS "z_weekend_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "morning_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("morning_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.460951596
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "morning_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("morning_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 2.605605632
            )
          ),
          -0.7447052738
        ),
        1.148720759
      ),
      -2.231393885
    ) - -0.6658602907
  ) / 0.7749872767 AS "z_morning_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "evening_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("evening_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.380131059
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "evening_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("evening_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 3.129565479
            )
          ),
          -0.8921538598
        ),
        0.7029689904
      ),
      -2.539620583
    ) - -0.9268712811
  ) / 0.7602722103 AS "z_evening_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "channel_web_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("channel_web_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 2.082713125
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "channel_web_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("channel_web_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 1.347288679
            )
          ),
          0.4691588246
        ),
        2.346853839
      ),
      -1.388265346
    ) - 0.5058335826
  ) / 0.8771954398 AS "z_channel_web_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "channel_app_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("channel_app_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.03912705
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "channel_app_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("channel_app_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 2.209330998
            )
          ),
          -0.927273514
        ),
        1.035500101
      ),
      -2.747206079
    ) - -0.8962406919
  ) / 0.9304639576 AS "z_channel_app_share",
  CASE
    WHEN (
      (
        CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
      ) * 2
    ) >= 10
    THEN (
      COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE("packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
    ) / (
      CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
    )
    ELSE NULL
  END AS "rating_level",
  CASE
    WHEN COALESCE("orders", 0.0) = 0
    THEN 'no-order'
    WHEN "orders" <= 1
    THEN 'one-order'
    WHEN NOT (
      COALESCE(
        "household" IN ('alone', 'couple', 'family with children', 'shared flat'),
        FALSE
      )
      OR COALESCE("buys_for" IN ('both', 'home', 'work'), FALSE)
      OR COALESCE("reasons: price" IN (0.0, 1.0), FALSE)
      OR COALESCE("reasons: less harm to nature" IN (0.0, 1.0), FALSE)
      OR COALESCE("reasons: quality" IN (0.0, 1.0), FALSE)
      OR COALESCE("reasons: fast delivery" IN (0.0, 1.0), FALSE)
      OR COALESCE("reasons: invoice" IN (0.0, 1.0), FALSE)
      OR COALESCE("reasons: smell" IN (0.0, 1.0), FALSE)
      OR (
        (
          (
            CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
          ) * 2
        ) >= 10
      )
      OR (
        CASE
          WHEN "recency_days" BETWEEN -1E+300 AND 1e+300
          THEN "recency_days"
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE WHEN "orders" BETWEEN -1E+300 AND 1e+300 THEN "orders" ELSE NULL END IS NOT NULL
      )
      OR (
        CASE
          WHEN "average_order_value" BETWEEN -1E+300 AND 1e+300
          THEN "average_order_value"
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "discount_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("discount_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "coupon_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("coupon_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "monday_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("monday_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "saturday_share" + "sunday_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("saturday_share" + "sunday_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "morning_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("morning_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "evening_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("evening_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "channel_web_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("channel_web_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "channel_app_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("channel_app_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
    )
    THEN 'unassigned'
    ELSE NULL
  END AS "by_rule"
FROM "customers"
), scores AS (
SELECT
  "customer_id",
  "by_rule",
  -3.0210269317301037 + (
    "z_recency_days" * 0.011980778192174728
  ) + (
    "z_orders" * 0.13557973653227545
  ) + (
    "z_average_order_value" * -2.0894412775889117
  ) + (
    "z_discount_share" * 0.9074062935526174
  ) + (
    "z_coupon_share" * 0.679719757552547
  ) + (
    "z_monday_share" * -0.4201480334832932
  ) + (
    "z_weekend_share" * -0.4102973973195681
  ) + (
    "z_morning_share" * 0.22199816491198107
  ) + (
    "z_evening_share" * 0.4714006912515454
  ) + (
    "z_channel_web_share" * 0.13351697317316186
  ) + (
    "z_channel_app_share" * 0.746247253452498
  ) + COALESCE(
    -0.8758605322864839 - (
      (
        POWER((
          (
            "origin" - "rating_level"
          ) - -0.3369491399
        ), 2)
      ) / 1.834902192
    ),
    0.0
  ) + COALESCE(
    -0.850851378176659 - (
      (
        POWER((
          (
            "ingredients" - "rating_level"
          ) - -0.3128836371
        ), 2)
      ) / 1.745381001
    ),
    0.0
  ) + COALESCE(
    -0.7556090279283653 - (
      (
        POWER((
          (
            "pay_more" - "rating_level"
          ) - -0.5502156366
        ), 2)
      ) / 1.4426593338
    ),
    0.0
  ) + COALESCE(
    -0.9378669326194149 - (
      (
        POWER((
          (
            "packaging" - "rating_level"
          ) - -0.1171109588
        ), 2)
      ) / 2.077164992
    ),
    0.0
  ) + COALESCE(
    -0.7402430388001169 - (
      (
        POWER((
          (
            "wait_sale" - "rating_level"
          ) - 0.7432420917
        ), 2)
      ) / 1.398997896
    ),
    0.0
  ) + COALESCE(
    -0.7594987306659342 - (
      (
        POWER((
          (
            "compare" - "rating_level"
          ) - 0.6888774107
        ), 2)
      ) / 1.4539261334
    ),
    0.0
  ) + COALESCE(
    -0.8301362271995173 - (
      (
        POWER((
          (
            "coupon_first" - "rating_level"
          ) - 0.4655507029
        ), 2)
      ) / 1.6745468118
    ),
    0.0
  ) + COALESCE(
    -0.8455964255579449 - (
      (
        POWER((
          (
            "little_time" - "rating_level"
          ) - 0.09777958796
        ), 2)
      ) / 1.727133271
    ),
    0.0
  ) + COALESCE(
    -0.7968740868328734 - (
      (
        POWER((
          (
            "fixed_day" - "rating_level"
          ) - -0.7010734295
        ), 2)
      ) / 1.5667733098
    ),
    0.0
  ) + COALESCE(
    -0.8277731235462469 - (
      (
        POWER((
          (
            "doubt_labels" - "rating_level"
          ) - 0.04770720846
        ), 2)
      ) / 1.6666512292
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.3911106420028683
    WHEN "household" = 'couple'
    THEN -1.1987068584552427
    WHEN "household" = 'family with children'
    THEN -1.263902997293073
    WHEN "household" = 'shared flat'
    THEN -1.7893535174526083
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -2.5795705741043946
    WHEN "buys_for" = 'home'
    THEN -0.07883386810625334
    WHEN "buys_for" = 'work'
    THEN -34.538776394910684
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -1.4025116615486386
    WHEN "reasons: price" = 1.0
    THEN -0.2823342283616584
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -0.5506947697864304
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.8593177156498379
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.7776498400327019
    WHEN "reasons: quality" = 1.0
    THEN -0.6152321607173477
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -0.6223291785707472
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.7693652201101272
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.32090557887969107
    WHEN "reasons: invoice" = 1.0
    THEN -1.292773962017936
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.313708040592381
    WHEN "reasons: smell" = 1.0
    THEN -1.3120493799523325
    ELSE 0.0
  END AS "s_persona-1",
  -1.8928249982553451 + (
    "z_recency_days" * -0.036084782488428946
  ) + (
    "z_orders" * 0.021437236333753655
  ) + (
    "z_average_order_value" * -0.5117129835937523
  ) + (
    "z_discount_share" * -1.2598343047708196
  ) + (
    "z_coupon_share" * -0.5633616910084213
  ) + (
    "z_monday_share" * -0.5169558182662316
  ) + (
    "z_weekend_share" * 0.5077809116454962
  ) + (
    "z_morning_share" * -0.4221824885481602
  ) + (
    "z_evening_share" * -0.07148617035672082
  ) + (
    "z_channel_web_share" * 0.0950885165210686
  ) + (
    "z_channel_app_share" * -0.39054567078428293
  ) + COALESCE(
    -0.7798796520878697 - (
      (
        POWER((
          (
            "origin" - "rating_level"
          ) - 0.6791894596
        ), 2)
      ) / 1.5144152916
    ),
    0.0
  ) + COALESCE(
    -0.7629634374285408 - (
      (
        POWER((
          (
            "ingredients" - "rating_level"
          ) - 0.730259544
        ), 2)
      ) / 1.464035976
    ),
    0.0
  ) + COALESCE(
    -0.8225394449124459 - (
      (
        POWER((
          (
            "pay_more" - "rating_level"
          ) - 0.3602989483
        ), 2)
      ) / 1.6492967814
    ),
    0.0
  ) + COALESCE(
    -0.9545922171575895 - (
      (
        POWER((
          (
            "packaging" - "rating_level"
          ) - 0.8158495324
        ), 2)
      ) / 2.147822522
    ),
    0.0
  ) + COALESCE(
    -0.7865698169073192 - (
      (
        POWER((
          (
            "wait_sale" - "rating_level"
          ) - -0.7167079162
        ), 2)
      ) / 1.5348148394
    ),
    0.0
  ) + COALESCE(
    -0.8338100425723273 - (
      (
        POWER((
          (
            "compare" - "rating_level"
          ) - -0.2161658704
        ), 2)
      ) / 1.6868960768
    ),
    0.0
  ) + COALESCE(
    -0.7685307205925532 - (
      (
        POWER((
          (
            "coupon_first" - "rating_level"
          ) - -1.086631908
        ), 2)
      ) / 1.480428474
    ),
    0.0
  ) + COALESCE(
    -0.8928944232339847 - (
      (
        POWER((
          (
            "little_time" - "rating_level"
          ) - -0.1957510079
        ), 2)
      ) / 1.8984902416
    ),
    0.0
  ) + COALESCE(
    -0.8422936190715173 - (
      (
        POWER((
          (
            "fixed_day" - "rating_level"
          ) - -0.8746327427
        ), 2)
      ) / 1.7157620952
    ),
    0.0
  ) + COALESCE(
    -0.7134666341749955 - (
      (
        POWER((
          (
            "doubt_labels" - "rating_level"
          ) - 0.5234633756
        ), 2)
      ) / 1.3260483876
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.3651397681413098
    WHEN "household" = 'couple'
    THEN -1.4231791528551858
    WHEN "household" = 'family with children'
    THEN -1.4433330974156
    WHEN "household" = 'shared flat'
    THEN -1.3183783461415077
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -2.2195612051495566
    WHEN "buys_for" = 'home'
    THEN -0.13365858677049794
    WHEN "buys_for" = 'work'
    THEN -4.107155587699139
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -0.7851849636994708
    WHEN "reasons: price" = 1.0
    THEN -0.6088710048251098
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -1.345076558094158
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.3018077209206193
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.8444194847544528
    WHEN "reasons: quality" = 1.0
    THEN -0.5617800197966034
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -0.6337892963404439
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.7562520028949803
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.31745758120315165
    WHEN "reasons: invoice" = 1.0
    THEN -1.3019442454469339
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.2547888437495558
    WHEN "reasons: smell" = 1.0
    THEN -1.4920111344521692
    ELSE 0.0
  END AS "s_persona-2",
  -5.157732991191834 + (
    "z_recency_days" * -0.04435754617476884
  ) + (
    "z_orders" * -0.2580093415614474
  ) + (
    "z_average_order_value" * 3.5103670721011944
  ) + (
    "z_discount_share" * -0.6584558396203815
  ) + (
    "z_coupon_share" * 0.4208156085735986
  ) + (
    "z_monday_share" * 1.1695800233569102
  ) + (
    "z_weekend_share" * -0.11775429098610043
  ) + (
    "z_morning_share" * 0.2129057554180286
  ) + (
    "z_evening_share" * -0.8098177747880572
  ) + (
    "z_channel_web_share" * 0.47794193499657656
  ) + (
    "z_channel_app_share" * -0.14483642189722207
  ) + COALESCE(
    -0.8828559996808811 - (
      (
        POWER((
          (
            "origin" - "rating_level"
          ) - -0.116193751
        ), 2)
      ) / 1.860754617
    ),
    0.0
  ) + COALESCE(
    -0.7475153409108205 - (
      (
        POWER((
          (
            "ingredients" - "rating_level"
          ) - -0.3820568737
        ), 2)
      ) / 1.4194944626
    ),
    0.0
  ) + COALESCE(
    -0.8290085131978412 - (
      (
        POWER((
          (
            "pay_more" - "rating_level"
          ) - 0.02804126486
        ), 2)
      ) / 1.670774248
    ),
    0.0
  ) + COALESCE(
    -1.1486087372123452 - (
      (
        POWER((
          (
            "packaging" - "rating_level"
          ) - 0.08911304332
        ), 2)
      ) / 3.166058974
    ),
    0.0
  ) + COALESCE(
    -0.7328889428704044 - (
      (
        POWER((
          (
            "wait_sale" - "rating_level"
          ) - -0.5284611333
        ), 2)
      ) / 1.3785717506
    ),
    0.0
  ) + COALESCE(
    -0.7977132435109353 - (
      (
        POWER((
          (
            "compare" - "rating_level"
          ) - -0.004916907367
        ), 2)
      ) / 1.5694050542
    ),
    0.0
  ) + COALESCE(
    -0.9635787528145346 - (
      (
        POWER((
          (
            "coupon_first" - "rating_level"
          ) - -0.6508659935
        ), 2)
      ) / 2.186774484
    ),
    0.0
  ) + COALESCE(
    -0.59387371939917 - (
      (
        POWER((
          (
            "little_time" - "rating_level"
          ) - 1.020834402
        ), 2)
      ) / 1.0439562192
    ),
    0.0
  ) + COALESCE(
    -0.6340795423424564 - (
      (
        POWER((
          (
            "fixed_day" - "rating_level"
          ) - 0.6412383623
        ), 2)
      ) / 1.1313698994
    ),
    0.0
  ) + COALESCE(
    -0.8479945288780595 - (
      (
        POWER((
          (
            "doubt_labels" - "rating_level"
          ) - -0.08888974792
        ), 2)
      ) / 1.735436856
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.539764661924125
    WHEN "household" = 'couple'
    THEN -1.067550708105498
    WHEN "household" = 'family with children'
    THEN -1.608322784919963
    WHEN "household" = 'shared flat'
    THEN -1.4209039609197358
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -1.3342643237740952
    WHEN "buys_for" = 'home'
    THEN -1.4300978304055076
    WHEN "buys_for" = 'work'
    THEN -0.6984358561833103
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -0.7131849931060079
    WHEN "reasons: price" = 1.0
    THEN -0.6735030071894748
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -0.5833585307555803
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.8164931014359472
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.8012991743255063
    WHEN "reasons: quality" = 1.0
    THEN -0.5955588459039255
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -1.196195646966064
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.36002661652325824
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.7527431301661027
    WHEN "reasons: invoice" = 1.0
    THEN -0.6369040312023302
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.2842214361669412
    WHEN "reasons: smell" = 1.0
    THEN -1.3967487115055661
    ELSE 0.0
  END AS "s_persona-3"
FROM "units"
), likelihoods AS (
SELECT
  "customer_id",
  "by_rule",
  EXP(
    (
      "s_persona-1" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
    ) / 1.625198976
  ) AS "e_persona-1",
  EXP(
    (
      "s_persona-2" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
    ) / 1.625198976
  ) AS "e_persona-2",
  EXP(
    (
      "s_persona-3" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
    ) / 1.625198976
  ) AS "e_persona-3"
FROM "scores"
), posterior AS (
SELECT
  "customer_id",
  "by_rule",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-1" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-1",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-2" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-2",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-3" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-3"
FROM "likelihoods"
), placed AS (
SELECT
  "customer_id",
  COALESCE(
    "by_rule",
    CASE
      WHEN "p_persona-1" >= 0.8
      THEN 'persona-1'
      WHEN "p_persona-2" >= 0.8
      THEN 'persona-2'
      WHEN "p_persona-3" >= 0.8
      THEN 'persona-3'
      ELSE 'unassigned'
    END
  ) AS "persona",
  CASE
    WHEN "by_rule" IS NULL
    THEN GREATEST("p_persona-1", "p_persona-2", "p_persona-3")
    WHEN "by_rule" <> 'unassigned'
    THEN 1.0
    ELSE NULL
  END AS "probability",
  "p_persona-1",
  "p_persona-2",
  "p_persona-3"
FROM "posterior"
)
SELECT * FROM placed;
